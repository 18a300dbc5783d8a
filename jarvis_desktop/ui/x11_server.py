"""A connection to an X server by libxcb, beside Qt's: what is refused is an answer, no error within Qt."""

from __future__ import annotations

import ctypes
import struct
import sys

_REPLY_HEADER = 32  # bytes


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", ctypes.c_uint),)


class _Screens(ctypes.Structure):
    _fields_ = (("data", ctypes.POINTER(ctypes.c_uint32)), ("rem", ctypes.c_int), ("index", ctypes.c_int))


class _Part(ctypes.Structure):
    _fields_ = (("start", ctypes.c_char_p), ("length", ctypes.c_size_t))


class _Request(ctypes.Structure):
    _fields_ = (
        ("parts", ctypes.c_size_t),
        ("extension", ctypes.c_void_p),
        ("opcode", ctypes.c_uint8),
        ("has_no_reply", ctypes.c_uint8),
    )


class X11Server:
    """libxcb (`xcb`), a connection of our own, and what the server says of its keyboard."""

    def __init__(self) -> None:
        """Raises OSError where there is no X server or no libxcb."""
        self.xcb = _library()
        self.connection = self.xcb.xcb_connect(None, None)
        if self.xcb.xcb_connection_has_error(self.connection):
            self.xcb.xcb_disconnect(self.connection)
            raise OSError("no X server")
        setup = self.xcb.xcb_get_setup(self.connection)
        self.key_codes = range(setup[34], setup[35] + 1)
        self.root = self.xcb.xcb_setup_roots_iterator(setup).data[0]

    def close(self) -> None:
        """Leave the server, once it has done what was asked of it. It may not be called twice."""
        self.focus()  # any answer tells that: what a client that is gone had asked for may be dropped
        self.xcb.xcb_disconnect(self.connection)

    def extension(self, name: str) -> int:
        """The opcode of an extension. Raises OSError where the server has none of that name."""
        cookie = self.xcb.xcb_query_extension(self.connection, len(name), name.encode())
        reply = self.xcb.xcb_query_extension_reply(self.connection, cookie, None)
        present, opcode = ctypes.string_at(reply + 8, 2) if reply else (0, 0)
        free(reply)
        if not present:
            raise OSError(f"the X server has no {name}")
        return opcode

    def send(self, opcode: int, minor: int, body: bytes, *, replied: bool = False) -> bytes:
        """Send a request of an extension, of which libxcb alone knows nothing; its reply, if it has one."""
        assert len(body) % 4 == 0
        data = ctypes.create_string_buffer(bytes([0, minor, 0, 0]) + body, 4 + len(body))
        parts = (_Part * 3)()  # the first two are libxcb's own
        parts[2] = _Part(ctypes.cast(data, ctypes.c_char_p), len(data))
        request = _Request(1, None, opcode, not replied)
        place = ctypes.byref(parts, 2 * ctypes.sizeof(_Part))
        number = self.xcb.xcb_send_request(self.connection, 0, place, ctypes.byref(request))
        if not replied:
            return b""
        reply = self.xcb.xcb_wait_for_reply(self.connection, number, None)
        answer = ctypes.string_at(reply, _REPLY_HEADER) if reply else bytes(_REPLY_HEADER)
        free(reply)
        return answer

    def focus(self) -> int:
        """The window that has the keyboard."""
        cookie = self.xcb.xcb_get_input_focus(self.connection)
        reply = self.xcb.xcb_get_input_focus_reply(self.connection, cookie, None)
        window = int.from_bytes(ctypes.string_at(reply + 8, 4), sys.byteorder) if reply else 0
        free(reply)
        return window

    def layout(self) -> dict[int, tuple[int, ...]]:
        """Key code -> its symbols: plain and shifted of the first layout, of the second, and so on."""
        first, count = self.key_codes.start, len(self.key_codes)
        cookie = self.xcb.xcb_get_keyboard_mapping(self.connection, first, count)
        reply = self.xcb.xcb_get_keyboard_mapping_reply(self.connection, cookie, None)
        if not reply:
            return {}
        per_key = ctypes.string_at(reply + 1, 1)[0]
        symbols = struct.unpack(
            f"={count * per_key}I", ctypes.string_at(reply + _REPLY_HEADER, 4 * count * per_key)
        )
        free(reply)
        return {first + index: symbols[index * per_key : (index + 1) * per_key] for index in range(count)}


def free(address: int | None) -> None:
    """Give back the memory of an event, an error or a reply; None: there was none."""
    ctypes.CDLL(None).free(ctypes.c_void_p(address))


def _library() -> ctypes.CDLL:
    """libxcb with the types of what is used of it; raises OSError where there is none."""
    xcb = ctypes.CDLL("libxcb.so.1")
    pointer, byte, short, word = ctypes.c_void_p, ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32
    for name, result, *arguments in (
        ("connect", pointer, pointer, pointer),
        ("connection_has_error", ctypes.c_int, pointer),
        ("disconnect", None, pointer),
        ("flush", ctypes.c_int, pointer),
        ("get_file_descriptor", ctypes.c_int, pointer),
        ("get_setup", ctypes.POINTER(byte), pointer),
        ("setup_roots_iterator", _Screens, ctypes.POINTER(byte)),
        ("grab_key_checked", _Cookie, pointer, byte, word, short, byte, byte, byte),
        ("ungrab_key", _Cookie, pointer, byte, word, short),
        ("request_check", pointer, pointer, _Cookie),
        ("get_keyboard_mapping", _Cookie, pointer, byte, byte),
        ("get_keyboard_mapping_reply", pointer, pointer, _Cookie, pointer),
        ("poll_for_event", pointer, pointer),
        ("query_extension", _Cookie, pointer, short, ctypes.c_char_p),
        ("query_extension_reply", pointer, pointer, _Cookie, pointer),
        ("send_request", ctypes.c_uint, pointer, ctypes.c_int, pointer, pointer),
        ("wait_for_reply", pointer, pointer, ctypes.c_uint, pointer),
        ("get_input_focus", _Cookie, pointer),
        ("get_input_focus_reply", pointer, pointer, _Cookie, pointer),
        ("change_keyboard_mapping", _Cookie, pointer, byte, byte, byte, pointer),
    ):
        function = getattr(xcb, f"xcb_{name}")
        function.restype, function.argtypes = result, arguments
    return xcb
