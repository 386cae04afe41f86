"""Schema, example file and documentation of the settings say what the model says."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from onvio_config.keys import Key, expected, known_keys
from onvio_config.load import load
from onvio_config.model import Settings
from onvio_config.paths import Paths
from onvio_config.schema import settings_schema
from onvio_config.sources import OriginKind

ROOT = Path(__file__).parents[2]


def generated() -> dict[Path, str]:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "config" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    files: dict[Path, str] = module.generated()
    return files


def test_generated_files_are_up_to_date() -> None:
    for path, text in generated().items():
        assert path.read_text(encoding="utf-8") == text, f"run config/generate.py: {path}"


def test_the_example_file_loads_and_holds_every_key_with_its_default(tmp_path: Path) -> None:
    text = (ROOT / "config" / "example-office.toml").read_text(encoding="utf-8")
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    paths = Paths(tmp_path, tmp_path, tmp_path, tmp_path, None)
    assert load(paths, {}).settings == Settings()
    active = re.sub(r"^#(?! )", "", text, flags=re.M)
    held = {
        f"{section}.{name}": value
        for section, content in tomllib.loads(active).items()
        for name, value in content.items()
    }
    assert held == {dotted: key.default for dotted, key in known_keys().items()}


def test_the_policy_template_loads_as_machine_wide_file_and_locks(tmp_path: Path) -> None:
    paths = Paths(tmp_path, tmp_path, tmp_path, tmp_path, ROOT / "config" / "example-policy.toml")
    loaded = load(paths, {})
    assert "onvio.api_url" in loaded.locks
    assert "proxy.password_file" in loaded.locks
    assert loaded.origins["onvio.client_id"].kind is OriginKind.MACHINE


def test_the_schema_takes_what_the_model_takes() -> None:
    sections = settings_schema()["$defs"]["Settings"]["properties"]
    assert set(sections) == {key.section for key in known_keys().values()} | {"policy"}
    assert msgspec.json.decode(msgspec.json.encode(Settings()), type=Settings) == Settings()


@pytest.mark.parametrize("key", known_keys().values(), ids=lambda key: key.dotted)
def test_every_setting_is_bounded_and_explained(key: Key) -> None:
    assert key.meta.description, "a description with unit and reason"
    assert len(key.meta.description) >= 20
    if key.base in (int, float):
        assert key.meta.ge is not None
        assert key.meta.le is not None
    if key.base is str:
        assert key.meta.pattern is not None
        assert key.meta.max_length is not None
    if key.name.endswith("_s") or key.name.endswith("_days") or key.name == "days":
        unit = "Days" if "days" in key.name else "seconds"
        assert unit.lower() in key.meta.description.lower()
    assert expected(key).render()
