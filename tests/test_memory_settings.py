"""What the memory says experiments differ in: all settings of a strategy, by name."""

from alphaforge.dsl import compile_text
from alphaforge.memory.records import settings_of
from alphaforge.tests.trees import CATALOGUE


def settings(*lines: str) -> dict[str, str]:
    text = "strategy s {\n" + "\n".join([*lines, "signal returns"]) + "\n}"
    return dict(settings_of(compile_text(text, CATALOGUE).require()))


def test_every_new_setting_is_named_where_texts_differ() -> None:
    plain = settings()
    for line, name, value in (
        ("universe all, where close > 1", "universe.where", "1 < close"),
        ('universe all, exclude "A"', "universe.exclude.0", "A"),
        ("portfolio risk_parity vol 30d", "portfolio.vol_bars", "720"),
        ("portfolio long_short, net 0.2", "portfolio.net", "0.2"),
        (
            "portfolio long_short, max_group bucket(close, 3) 30%",
            "portfolio.groups",
            "bucket(close, 3)",
        ),
        ("portfolio long_short, vol_target 20% over 30d", "portfolio.vol_target", "0.2"),
        ("backtest kfold 5", "split.folds", "5"),
        ("backtest holdout 20%", "holdout.share", "0.2"),
    ):
        found = settings(line)
        assert found[name] == value, line
        assert plain.get(name) != value


def test_features_alter_nothing_and_are_no_settings() -> None:
    assert settings("feature calm = -ts_std(returns, 7d)") == settings()
