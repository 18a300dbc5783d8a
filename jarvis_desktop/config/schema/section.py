"""What a setting and a group of settings are made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Restarts(StrEnum):
    """What a changed setting restarts before it takes effect."""

    NOTHING = "nothing"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"
    ENGINE = "engine"
    APP = "app"


def setting(
    default: Any,
    title: str,
    help_text: str,
    *,
    unit: str = "",
    restarts: Restarts = Restarts.NOTHING,
    advanced: bool = False,
    **bounds: Any,
) -> Any:
    """A field of the schema; `bounds` are pydantic's (`ge`, `le`, `pattern`, ...)."""
    return Field(
        default,
        title=title,
        description=help_text,
        json_schema_extra={"unit": unit, "restarts": restarts.value, "advanced": advanced},
        **bounds,
    )


class Section(BaseModel):
    """A group of settings: one table of the file, one page of the dialog."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)
