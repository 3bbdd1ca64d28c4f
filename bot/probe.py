"""Ask a running bot whether it answers, for a container's health check or a person."""

from __future__ import annotations

import urllib.error
import urllib.request

_SECONDS = 5.0
_LONGEST = 2000
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - asks there


def ask(host: str, port: int) -> tuple[bool, str]:
    """Ask ``/healthz``.

    Args:
        host: on which it listens.
        port: on which it listens; 0: it does not, and nothing is wrong with that.

    Returns:
        Whether it answers, and what it said.
    """
    if port == 0:
        return True, "not asked: NABI_HEALTH_PORT is 0"
    host = _EVERYWHERE.get(host, host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/healthz"
    # Not through the proxy that stands in the environment: it is this machine that is asked.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            return True, answer.read(_LONGEST).decode("utf-8", "replace")
    except urllib.error.HTTPError as refused:
        return False, refused.read(_LONGEST).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        return False, f"no answer from {url}: {error}"
