"""Every error that Ringfence raises on purpose.

    RingfenceError
    ├── ConfigError              a setting is missing, unknown or of the wrong type
    ├── StorageError             the database cannot be used as it is
    │   └── SchemaMismatch       its tables are of another version
    ├── RequestError             the caller must change the request
    │   ├── InvalidRequest       a parameter is wrong
    │   ├── TooLarge             a body or a list is over its bound
    │   ├── TooSlow              its body did not come in time
    │   ├── NotFound             no such model, route or record
    │   ├── Unauthenticated      no credential, or not a valid one
    │   ├── Forbidden            a valid credential without this right
    │   ├── Conflict             it does not go with what is being done or with how things are now
    │   ├── PrivacyRefused       the tenant's policy lets no engine see this
    │   ├── Unreadable           nothing can be read of a document
    │   └── LimitExceeded        a rate or a number at once; wait and try again
    │       └── BudgetExceeded   money or tokens are spent; trying again is useless until the reset
    ├── Unavailable              this process cannot serve now; another, or this one later, can
    │   ├── Draining             it is shutting down
    │   ├── LedgerUnavailable    the audit ledger cannot be written
    │   ├── PrivacyUnavailable   what is personal in a request could not be found out
    │   └── EngineUnavailable    no engine can take the request
    ├── EngineFailed             an engine took the request and broke
    └── ModelError               weights are missing, damaged or not what they should be

Each carries a stable `code` for machines and a message whose last sentence is the remedy.
"""

from collections.abc import Sequence


class RingfenceError(Exception):
    code = "internal_error"

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        if code is not None:
            self.code = code


class ConfigError(RingfenceError):
    code = "invalid_configuration"


class StorageError(RingfenceError):
    code = "storage_error"


class SchemaMismatch(StorageError):
    code = "schema_mismatch"


class RequestError(RingfenceError):
    code = "invalid_request"


class InvalidRequest(RequestError):
    code = "invalid_value"


class TooLarge(RequestError):
    code = "request_too_large"


class TooSlow(RequestError):
    code = "request_timeout"


class NotFound(RequestError):
    code = "not_found"


class Unauthenticated(RequestError):
    code = "invalid_api_key"


class Forbidden(RequestError):
    code = "permission_denied"


class Conflict(RequestError):
    code = "conflict"


class PrivacyRefused(RequestError):
    code = "privacy_refused"


class Unreadable(RequestError):
    """`fault` is one of the codes of readers in docs/reference/errors.md."""

    code = "unreadable_document"

    def __init__(self, fault: str, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class LimitExceeded(RequestError):
    code = "rate_limit_exceeded"
    headers: Sequence[tuple[bytes, bytes]] = ()
    """What is left of each limit, as other answers tell it."""

    def __init__(self, message: str, *, retry_after: float, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class BudgetExceeded(LimitExceeded):
    code = "insufficient_quota"


class Unavailable(RingfenceError):
    code = "unavailable"

    def __init__(self, message: str, *, retry_after: float = 1.0, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Draining(Unavailable):
    code = "shutting_down"


class LedgerUnavailable(Unavailable):
    code = "audit_unavailable"


class PrivacyUnavailable(Unavailable):
    code = "privacy_unavailable"


class EngineUnavailable(Unavailable):
    code = "engine_unavailable"


class EngineFailed(RingfenceError):
    code = "engine_failed"


class ModelError(RingfenceError):
    code = "model_error"
