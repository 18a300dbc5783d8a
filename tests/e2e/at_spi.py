"""What `screen_reader` has done by the system's Python.

`at_spi.py read|press|value|walk|listen PID [WORD ...]`
"""

import json
import subprocess
import sys
import time

import pyatspi  # type: ignore[import-not-found]
from gi.repository import GLib  # type: ignore[import-not-found]

KEY_SECONDS = 10.0  # that a key may take to move the focus; waited for only where it goes no further
MOST_KEYS = 120
INTERACTIVE = {
    "push button",
    "toggle button",
    "check box",
    "radio button",
    "combo box",
    "text",
    "spin button",
    "slider",
    "list",
    "link",
    "page tab",
}


def shown(node):
    """The node and all below it that is on the screen."""
    yield node
    for number in range(node.childCount):
        child = node.getChildAtIndex(number)
        if child is not None and child.getState().contains(pyatspi.STATE_SHOWING):
            yield from shown(child)


def windows(pid):
    desktop = pyatspi.Registry.getDesktop(0)
    return [window for app in desktop if app is not None and app.get_process_id() == pid for window in app]


def read(pid):
    widgets = [widget for window in windows(pid) for widget in shown(window)]
    lines = (line for each in widgets for line in (each.name, each.description, text(each)) if line)
    answer(list(lines))


def press(pid, name):
    widgets = [widget for window in windows(pid) for widget in shown(window)]
    buttons = [each for each in widgets if each.name == name and "Press" in actions(each)]
    for button in buttons[:1]:
        button.queryAction().doAction(actions(button).index("Press"))
    answer(len(buttons))


def value(pid, name):
    widgets = (widget for window in windows(pid) for widget in shown(window) if widget.name == name)
    answer(next(filter(None, map(written, widgets)), ""))


def walk(pid, title, key):
    focused = []
    pyatspi.Registry.registerEventListener(
        lambda event: focused.append(told(event.source)) if event.detail1 else None,
        "object:state-changed:focused",
    )
    (window,) = (
        each
        for each in windows(pid)
        if each.name == title and each.getState().contains(pyatspi.STATE_SHOWING)
    )
    controls = [told(each) for each in shown(window) if each.getRoleName() in INTERACTIVE]
    reached = []
    for _ in range(MOST_KEYS):
        before = len(focused)
        subprocess.run(["xdotool", "key", key], check=True)
        wait(lambda before=before: len(focused) > before)
        if focused[before:] in ([], reached[:1]):
            break
        reached += focused[before:]
    answer({"controls": controls, "reached": reached})


def listen(pid):
    def note(event):
        if event.host_application.get_process_id() == pid:
            print(json.dumps(event.any_data), flush=True)  # noqa: T201

    pyatspi.Registry.registerEventListener(note, "object:announcement")
    pyatspi.Registry.start()


def told(widget):
    """Role, name, what is said of it besides, whether it can be used, and focused."""
    state = widget.getState()
    labels = [
        relation.getTarget(0).name
        for relation in widget.getRelationSet()
        if relation.getRelationType() == pyatspi.RELATION_LABELLED_BY
    ]
    return (
        widget.getRoleName(),
        widget.name,
        next(iter(labels), widget.description),
        state.contains(pyatspi.STATE_SENSITIVE),
        state.contains(pyatspi.STATE_FOCUSABLE),
    )


def text(widget):
    return written(widget) if widget.getRoleName() in ("text", "label") else ""


def written(widget):
    try:
        return widget.queryText().getText(0, -1)
    except NotImplementedError:
        return ""


def wait(condition):
    context, until = GLib.MainContext.default(), time.monotonic() + KEY_SECONDS
    while not condition() and time.monotonic() < until:
        if not context.iteration(False):
            time.sleep(0.002)


def actions(widget):
    try:
        action = widget.queryAction()
    except NotImplementedError:
        return []
    return [action.getName(number) for number in range(action.nActions)]


def answer(what):
    print(json.dumps(what))  # noqa: T201


if __name__ == "__main__":
    action, pid, *words = sys.argv[1:]
    {"read": read, "press": press, "value": value, "walk": walk, "listen": listen}[action](int(pid), *words)
