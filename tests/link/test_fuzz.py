"""A short run of the fuzzer; use script/fuzz for longer ones."""

import subprocess
import sys

import pytest

pytest.importorskip("atheris", reason="atheris has wheels for Linux on amd64 only")


def test_random_bytes_end_in_a_link_error() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.link.fuzz", "-max_total_time=8", "-rss_limit_mb=500"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert "DONE" in result.stderr
