"""What is said of a setting, an option or a value that will not do."""

from typing import Any

from workflow.errors import ParcoursError


class WrongUsage(ParcoursError):
    """What was asked makes no sense as typed: an option, a value or a setting. Nothing was tried."""

    code = "wrong_usage"

    def __init__(self, message: str, message_en: str, **details: Any) -> None:
        self.message, self.message_en, self.details = message, message_en, details
        super().__init__(message)
