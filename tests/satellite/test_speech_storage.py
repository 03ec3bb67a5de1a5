"""A real speech server on a card that has become read-only."""

from pathlib import Path

from demo.house import COMMAND
from demo.processes import Program
from tests.satellite.disk import disk


async def test_a_speech_server_starts_from_a_read_only_disk_with_a_warning(folder: Path) -> None:
    name = "speech-disk"
    mounted_at = folder / name
    mounted_at.mkdir()
    async with disk(mounted_at) as state:
        command = (COMMAND, "speech", "--host=127.0.0.1", "--port=0", "--language=en",
                   f"--state-dir={state.folder}")  # fmt: skip
        program = Program("The speech server", state.inside(*command), log=folder / f"{name}.log")
        async with program:
            await program.wait_for_output("Listening", 60)
            assert "Cannot save anything" not in program.output()
            identity = (state.outside_path / "id").read_bytes()
            await program.kill()
            await state.remount("ro")
            await program.start()
            await program.wait_for_output("Listening", 60)
            assert "the file system is read-only" in program.output()
            assert (state.outside_path / "id").read_bytes() == identity
