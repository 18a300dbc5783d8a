"""Works out arithmetic that others wrote: numbers, operators, some functions, and nothing else of Python."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

MAX_CHARACTERS = 300
MAX_DEPTH = 50
"""Operations within each other; Python's own parser fails far beyond."""

MAX_BITS = 4096
"""Of a whole number on the way: more would take time and memory without end (9**9**9)."""

MOST_PLACES = 400
"""Of a rounding, before or after the point: Python works out 10 to the power of them, however many."""

_DIGITS = 12  # shown of a fraction; the rest is what binary fractions get wrong (0.1 + 0.2)

Number = int | float


class NotArithmeticError(Exception):
    """The expression cannot be worked out; the message tells a language model why."""


def calculate(expression: str) -> str:
    """The value of an expression such as ``(12 + 7) * 3`` or ``sqrt(2)``; raises `NotArithmeticError`.

    ``^`` means a power, ``×``, ``÷`` and ``,`` between digits are taken as people write them. Angles are in
    radians.
    """
    if len(expression) > MAX_CHARACTERS:
        raise NotArithmeticError(f"an expression may have {MAX_CHARACTERS} characters at most")
    try:
        tree = ast.parse(_as_python(expression), mode="eval")
        return _written(_value(tree.body, 0))
    except ZeroDivisionError:
        raise NotArithmeticError("division by zero") from None
    except (OverflowError, MemoryError):
        raise NotArithmeticError("the number is too large") from None
    except (SyntaxError, ValueError, TypeError, RecursionError):
        raise NotArithmeticError("this is no arithmetic expression, or it has no real value") from None


def _as_python(expression: str) -> str:
    for written, meant in {"^": "**", "×": "*", "·": "*", "÷": "/", "−": "-", "π": "pi"}.items():
        expression = expression.replace(written, meant)
    return expression.strip()


def _value(node: ast.expr, depth: int) -> Number:
    if depth > MAX_DEPTH:
        raise NotArithmeticError("the expression is nested too deeply")
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _bounded(number)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
            value = _value(inner, depth + 1)
            return -value if isinstance(sign, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            values = _value(left, depth + 1), _value(right, depth + 1)
            return _bounded(_OPERATORS[type(op)](*values))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*(_value(each, depth + 1) for each in arguments)))
    raise NotArithmeticError("only numbers, + - * / // % **, brackets and functions such as sqrt can be used")


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int):
        if abs(base) > 1 and abs(exponent) * base.bit_length() > MAX_BITS:
            raise OverflowError
        return base**exponent if exponent >= 0 else float(base) ** exponent
    return _bounded(float(base) ** float(exponent))


def _factorial(number: Number) -> Number:
    if number > MAX_BITS // 8:
        raise OverflowError
    return math.factorial(operator.index(number))  # type: ignore[arg-type]


def _round(number: Number, places: Number | None = None) -> Number:
    if places is not None and abs(places) > MOST_PLACES:
        raise OverflowError
    return round(number, None if places is None else operator.index(places))  # type: ignore[arg-type]


def _bounded(number: Any) -> Number:
    """The same number; a complex one, one that is none, or one beyond all measure is refused."""
    if isinstance(number, int):
        if number.bit_length() > MAX_BITS:
            raise OverflowError
        return number
    if not isinstance(number, float) or math.isnan(number):
        raise ValueError("no real number")
    if math.isinf(number):
        raise OverflowError
    return number


def _written(number: Number) -> str:
    if isinstance(number, int):
        return str(number)
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.{_DIGITS}g}"


_CONSTANTS: Mapping[str, float] = MappingProxyType({"pi": math.pi, "e": math.e, "tau": math.tau})
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.Pow: _power,
    }
)
_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "abs": abs,
        "round": _round,
        "min": min,
        "max": max,
        "factorial": _factorial,
        **{
            name: getattr(math, name)
            for name in (
                *("sqrt", "cbrt", "exp", "log", "log2", "log10", "floor", "ceil", "gcd", "lcm", "hypot"),
                *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "degrees", "radians"),
            )
        },
    }
)
