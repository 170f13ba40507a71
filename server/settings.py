"""What the machine says of this invocation: the only file that reads the environment."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from ..core.home import CACHE_BYTES
from ..core.principals import Kind, Principal

HUMAN_ROLES = frozenset({"researcher", "pm", "risk", "devops", "auditor"})
AGENT_ROLES = frozenset({"agent", "researcher"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Paths and identities; ``gateway_home`` is never inside or equal to ``home``."""

    home: Path
    gateway_home: Path
    os_user: str
    kernel_cache: Path
    agent_name: str = "agent"
    shared_data: Path | None = None
    cache_bytes: int = CACHE_BYTES

    def human(self) -> Principal:
        """Return the human at the console: the OS user."""
        return Principal(id=f"human:{self.os_user}", kind=Kind.HUMAN, roles=HUMAN_ROLES)

    def agent(self) -> Principal:
        """Return the agent behind stdio, acting in the name of the OS user (SAFETY I4)."""
        return Principal(
            id=f"agent:{self.agent_name}",
            kind=Kind.AGENT,
            roles=AGENT_ROLES,
            sponsor=f"human:{self.os_user}",
        )

    def gateway(self) -> Principal:
        """Return the service that trades."""
        return Principal(id="service:gateway", kind=Kind.SERVICE, roles=frozenset({"gateway"}))


def read_settings(home: str = "", gateway_home: str = "") -> Settings:
    """Read the environment once; arguments win over it.

    ``ALPHAFORGE_HOME``, ``ALPHAFORGE_GATEWAY_HOME``, ``ALPHAFORGE_AGENT``,
    ``ALPHAFORGE_SHARED_DATA``, ``ALPHAFORGE_KERNELS``, ``ALPHAFORGE_CACHE_MB`` (what the cache of
    sub-expressions may hold, in megabytes; 0 switches it off).

    The default home is the user's data folder,
    because desktop clients start servers anywhere; compiled kernels are shared by all homes.
    """
    chosen = Path(home or os.environ.get("ALPHAFORGE_HOME", "") or _data_folder()).expanduser()
    root = Path(os.path.abspath(chosen))  # noqa: PTH100  # A link stays a link.
    named = gateway_home or os.environ.get("ALPHAFORGE_GATEWAY_HOME", "")
    gateway = Path(named).expanduser() if named else root.with_name(f"{root.name}-gateway")
    shared = os.environ.get("ALPHAFORGE_SHARED_DATA", "")
    return Settings(
        home=root,
        gateway_home=Path(os.path.abspath(gateway)),  # noqa: PTH100
        os_user=_os_user(),
        kernel_cache=Path(os.environ.get("ALPHAFORGE_KERNELS", "") or _cache_folder()),
        agent_name=os.environ.get("ALPHAFORGE_AGENT", "agent"),
        shared_data=Path(shared) if shared else None,
        cache_bytes=_bytes(os.environ.get("ALPHAFORGE_CACHE_MB", "")),
    )


def child_environment() -> dict[str, str]:
    """Return the environment for commands of ours that we start as a person would."""
    return dict(os.environ)


def _bytes(megabytes: str) -> int:
    """Read a size in megabytes; what is no size counts as not said."""
    return int(megabytes) * 1024**2 if megabytes.isdecimal() else CACHE_BYTES


def _os_user() -> str:
    """Name the user that the kernel knows: LOGNAME and USER are whatever the caller says."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _data_folder() -> str:
    base = os.environ.get("XDG_DATA_HOME", "") or str(Path.home() / ".local" / "share")
    return str(Path(base) / "alphaforge")


def _cache_folder() -> str:
    base = os.environ.get("XDG_CACHE_HOME", "") or str(Path.home() / ".cache")
    return str(Path(base) / "alphaforge" / "kernels")
