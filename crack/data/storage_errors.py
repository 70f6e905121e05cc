"""What went wrong with object storage, in words: the providers' are never quoted.

What their packages say may hold more of a request than a log should: a signature, or a
key. They also have exceptions of their own, which are known by their names here, so
that no package need be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from crack.errors import CrackError

_Words = tuple[str, str]
"""A sentence about a URL and the class of an exception, and what to do."""

_NO_CREDENTIALS: _Words = (
    "This machine has no credentials for {} ({}).",
    "Give them by the means of the provider, never in the URL: its environment "
    "variables, a profile, or the role of the machine.",
)
_REFUSED: _Words = (
    "{} is refused to this machine ({}).",
    "Check its credentials, which come by the means of the provider (environment "
    "variables, a profile, the role of the machine) and may have expired, and whether "
    "they allow this.",
)
_NO_NETWORK: _Words = (
    "{} cannot be reached ({}).",
    "Check the network and the address of the provider.",
)
_UNKNOWN: _Words = (
    "{} cannot be read or written ({}).",
    "Check the URL, the network and the credentials of this machine.",
)

# The first that fits counts: some providers wrap a failure of the network in one of
# credentials, and derive theirs from those of Python.
_BY_NAME: tuple[tuple[set[str], _Words], ...] = (
    (
        {
            *("ConnectionError", "TimeoutError", "gaierror", "TransportError"),
            *("EndpointConnectionError", "HTTPClientError", "ClientConnectionError"),
            *("ServiceRequestError", "ServiceResponseError"),
        },
        _NO_NETWORK,
    ),
    (
        {
            *("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"),
            *("CredentialRetrievalError", "TokenRetrievalError"),
            *("DefaultCredentialsError", "CredentialUnavailableError"),
        },
        _NO_CREDENTIALS,
    ),
    (
        {
            *("PermissionError", "ClientAuthenticationError", "RefreshError"),
            *("UnauthorizedSSOTokenError", "SSOTokenLoadError"),
        },
        _REFUSED,
    ),
)
_HTTP: dict[int, _Words] = {401: _NO_CREDENTIALS, 403: _REFUSED}


def not_installed(scheme: str, package: str) -> CrackError:
    """Return the error for a kind of URL that nothing here opens.

    Args:
        scheme: Of the URL.
        package: That opens it; the file of requirements has that for `s3` alone.
    """
    more = "" if scheme == "s3" else f" {package}"
    return CrackError(
        f"What opens {scheme}:// is not installed.",
        f"Install it: pip install -r requirements-cluster.txt{more}",
    )


def no_credentials(error: Exception, url: str) -> CrackError:
    """Return the error for credentials that are missed before anything is asked."""
    return _told(_NO_CREDENTIALS, error, url)


def in_words(error: Exception, url: str) -> CrackError:
    """Return what a provider raised as an error for the user."""
    causes = list(_causes(error))
    names = {kind.__name__ for each in causes for kind in type(each).__mro__}
    by_name = (words for known, words in _BY_NAME if names & known)
    by_status = (_HTTP[s] for each in causes if (s := _status(each)) in _HTTP)
    return _told(next(chain(by_name, by_status), _UNKNOWN), error, url)


def nothing_there(url: str, bucket: str | None) -> CrackError:
    """Return the error for a file or folder that is not there.

    Args:
        url: Of it.
        bucket: In which it would be, if that is not there either; Azure calls it a
            container.
    """
    if bucket is not None:
        kind = "container" if url.startswith("az:") else "bucket"
        return CrackError(
            f"There is nothing at {url}: there is no {kind} '{bucket}'.",
            "Check its name, and the account that the credentials are of.",
        )
    return CrackError(
        f"There is nothing at {url}.",
        "Check the URL; it may have been deleted or renamed meanwhile.",
    )


def _told(words: _Words, error: Exception, url: str) -> CrackError:
    sentence, hint = words
    return CrackError(sentence.format(url, type(error).__name__), hint)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> int:
    """Return the HTTP status that an exception tells, 0 if it tells none."""
    for name in ("status", "status_code", "code"):
        told = getattr(error, name, None)
        if isinstance(told, int | str) and str(told).isdigit():
            return int(told)
    return 0
