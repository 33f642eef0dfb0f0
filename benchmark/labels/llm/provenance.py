"""What a judgment depends on: the model's file, the prompt, the arithmetic. Only equal provenances share a journal."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from benchmark.labels.llm.prompts import Prompt

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Dtype = Literal["bfloat16", "float32"]


class Provenance(BaseModel):
    """Model, prompt and arithmetic of a judge; `versions` are those of the libraries that computed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Annotated[str, Field(min_length=1)]
    model_file_sha256: Sha256
    quantisation: str
    dtype: Dtype
    device: str = "cpu"
    prompt: Prompt
    prompt_sha256: Sha256
    versions: dict[str, str]

    @model_validator(mode="after")
    def _prompt_is_the_one_hashed(self) -> Self:
        if self.prompt.sha256 != self.prompt_sha256:
            raise ValueError(
                f"the text of prompt {self.prompt.name} has sha256 {self.prompt.sha256[:12]}..., "
                f"prompt_sha256 says {self.prompt_sha256[:12]}..."
            )
        return self

    def difference(self, other: Provenance) -> str:
        """The first field in which two provenances differ, as `field: this, not that`; empty when they are equal."""
        for field in type(self).model_fields:
            mine, theirs = getattr(self, field), getattr(other, field)
            if mine != theirs:
                return f"{field}: {_short(mine)}, not {_short(theirs)}"
        return ""


def _short(value: object) -> str:
    return value.name if isinstance(value, Prompt) else str(value)
