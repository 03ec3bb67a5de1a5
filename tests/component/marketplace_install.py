"""Installs the integration as the Marketplace of Home Assistant does, without GitHub.

A separate program, because the Marketplace needs a newer Home Assistant than the test harness has.
Its arguments are the files in the repository, relative to it, then `--`, an archive and a version
of Home Assistant; the current folder is the repository. It prints what came of it, as JSON.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiogithubapi.models.git_tree import GitHubGitTreeEntryModel
from awesomeversion import AwesomeVersion
from homeassistant import loader
from homeassistant.components.marketplace.exceptions import MarketplaceError
from homeassistant.components.marketplace.repositories.base import RepositoryManifest
from homeassistant.components.marketplace.repositories.integration import IntegrationRepository
from homeassistant.core import HomeAssistant
from homeassistant.helpers import translation


class OfflineMarketplace(SimpleNamespace):
    """Has what an installation asks of the Marketplace, and downloads one archive."""

    hass: HomeAssistant
    archive: bytes

    async def async_download_file(self, _url: object, **_options: Any) -> bytes:
        return self.archive

    async def async_save_file(self, path: str, content: bytes) -> bool:
        await self.hass.async_add_executor_job(Path(path).write_bytes, content)
        return True


def tree(files: list[str]) -> list[GitHubGitTreeEntryModel]:
    """Return the repository's files and folders as GitHub lists them."""
    folders = {str(parent) for file in files for parent in Path(file).parents if parent.name}
    entries = [*((path, "tree") for path in folders), *((path, "blob") for path in files)]
    return [GitHubGitTreeEntryModel({"path": path, "type": kind}) for path, kind in sorted(entries)]


def load(path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(Path(path).read_text())
    return loaded


async def install(
    hass: HomeAssistant, files: list[str], archive: bytes, version: str
) -> dict[str, Any]:
    loader.async_setup(hass)
    translation.async_setup(hass)
    marketplace = OfflineMarketplace(
        hass=hass,
        archive=archive,
        core=SimpleNamespace(config_path=hass.config.config_dir),
        version=AwesomeVersion(version),
        repositories=SimpleNamespace(list_installed=[]),
    )
    repository = IntegrationRepository(marketplace, "indoor-voice/indoor-voice")
    repository.repository_manifest = RepositoryManifest.from_dict(load("hacs.json"))
    repository.tree = tree(files)
    repository.treefiles = [entry.path for entry in repository.tree]
    repository.ref = "tags/v0.1.0"
    try:
        repository._check_minimum_version(repository.repository_manifest)  # noqa: SLF001 - no public name
    except MarketplaceError as err:
        return {"refused": err.translation_key}
    repository.resolve_content()
    resolved = repository.try_resolve_content()
    manifest = load(repository._integration_manifest_path())  # noqa: SLF001 - no public name
    repository._use_integration_manifest(manifest)  # noqa: SLF001 - no public name
    repository.content.path.local = repository.localpath
    replaces_built_in = await repository.async_replaces_built_in()
    await repository.download_zip_files(repository.validate)
    await repository.async_check_written_content()
    await repository.async_post_installation()
    integration = await loader.async_get_integration(hass, repository.data.domain)
    return {
        "name": repository._content_name(),  # noqa: SLF001 - no public name
        "resolved": resolved,
        "errors": [str(err) for err in repository.validate.errors],
        "replaces_built_in": replaces_built_in,
        "needs_restart": repository.pending_restart,
        "loadable": not integration.is_built_in and integration.config_flow,
        "brand": integration.has_branding,
    }


async def outcome_of(folder: str, files: list[str], archive: bytes, version: str) -> str:
    hass = HomeAssistant(folder)
    try:
        return json.dumps(await install(hass, files, archive, version))
    finally:
        await hass.async_stop(force=True)


def main() -> None:
    end = sys.argv.index("--")
    archive, version = sys.argv[end + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "custom_components").mkdir()
        content = Path(archive).read_bytes()
        sys.stdout.write(asyncio.run(outcome_of(folder, sys.argv[1:end], content, version)))


main()
