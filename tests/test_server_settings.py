"""Who the machine says we are."""

import os
import pwd

import pytest

from alphaforge.server.settings import read_settings


def test_A6_the_environment_cannot_rename_the_human(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    settings = read_settings()
    assert settings.os_user == pwd.getpwuid(os.getuid()).pw_name
    assert "somebody-else" not in settings.human().id + settings.agent().sponsor


def test_a_user_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", absent)
    assert read_settings().os_user == str(os.getuid())
