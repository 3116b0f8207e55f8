"""Read bills of materials back with the formats' own libraries, and refuse what they refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elpython.core.strict_json import load_json
from elpython.release.errors import RefusedReleaseError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_cyclonedx", "check_spdx"]


def check_spdx(document: Mapping[str, Any]) -> None:
    """Read an SPDX document back with `spdx-tools`.

    Raises:
        RefusedReleaseError: it has something to object to.
    """
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    try:
        read = JsonLikeDictParser().parse(json.loads(json.dumps(document)))
        problems = [item.validation_message for item in validate_full_spdx_document(read)]
    except SPDXParsingError as error:
        problems = error.get_messages()
    if problems:
        raise RefusedReleaseError(
            f"{len(problems)} problem(s) in the SPDX document", details=tuple(problems[:10])
        )


def check_cyclonedx(document: Mapping[str, Any]) -> None:
    """Read a CycloneDX document back with `cyclonedx-python-lib`.

    Raises:
        RefusedReleaseError: it cannot be read.
    """
    from cyclonedx.exception import CycloneDxException
    from cyclonedx.model.bom import Bom

    try:
        Bom.from_json(load_json(json.dumps(document)))  # type: ignore[attr-defined]
    except (CycloneDxException, ValueError, TypeError) as error:
        raise RefusedReleaseError(f"a problem in the CycloneDX document: {error}") from error
