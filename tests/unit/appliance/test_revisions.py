import subprocess
import sys

from alembic.config import Config
from alembic.script import ScriptDirectory

from appliance.revisions import HEAD, REVISIONS


def test_the_revisions_are_the_files_in_their_order():
    config = Config()
    config.set_main_option("script_location", "appliance:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == list(REVISIONS)
    assert scripts.get_current_head() == HEAD


def test_a_start_imports_neither_alembic_nor_pyjwt():
    names = "import sys, appliance.revisions, appliance.identity; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", names], capture_output=True, text=True, check=True).stdout.split()
    assert "sqlalchemy" in loaded
    assert {"alembic", "jwt", "cryptography"}.isdisjoint(loaded)
