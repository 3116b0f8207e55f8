from typing import Any

BRANCH: str
TOGGLES: dict[str, dict[str, Any]]
