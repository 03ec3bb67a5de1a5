"""The units of the services: each with a user of its own, and nothing that it does not need.

`systemd-analyze security` rates them; script/test-installer keeps them below 2.5. They lack
MemoryDenyWriteExecute, because the callbacks of sounddevice and the speech engines make machine
code as they run.
"""

from typing import Final

from indoor_voice.configuration import SYSTEM_FILE

from .layout import DEFAULT_PROGRAM, Role

_UNIT: Final = """\
# Written by Indoor Voice's installer, which writes it again. Changes belong into:
#   sudo systemctl edit {service}
[Unit]
Description=Indoor Voice {noun}
Documentation=https://github.com/indoor-voice/indoor-voice/blob/main/docs/install.md
# Without an address, nothing discovers it.
Wants=network-online.target
After=network-online.target sound.target
StartLimitIntervalSec=0

[Service]
ExecStart={program}/current/bin/indoor-voice {role} --config={settings} {folders}
Restart=always
RestartSec=5
DynamicUser=yes
User={service}
StateDirectory={service}
StateDirectoryMode=0700
# A user without a home confuses libraries.
Environment=HOME=%S/{service}
UMask=0077
{own}
CapabilityBoundingSet=
KeyringMode=private
LockPersonality=yes
NoNewPrivileges=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# onnxruntime spreads its threads over the cores.
SystemCallFilter=sched_setaffinity

[Install]
WantedBy=multi-user.target
"""
_NOUNS: Final = {Role.SATELLITE: "satellite", Role.SPEECH: "speech server"}
_FOLDERS: Final = {
    Role.SATELLITE: "--state-dir=%S/indoor-voice-satellite",
    Role.SPEECH: "--state-dir=%S/indoor-voice-speech --data-dir=%S/indoor-voice-speech/models",
}
_OWN: Final = {
    Role.SATELLITE: """\
# Of all devices, only those for sound.
SupplementaryGroups=audio
DevicePolicy=closed
DeviceAllow=char-alsa rw""",
    Role.SPEECH: """\
PrivateDevices=yes""",
}


def unit_text(role: Role) -> str:
    """Return the content of a role's unit."""
    return _UNIT.format(
        service=role.service,
        noun=_NOUNS[role],
        program=DEFAULT_PROGRAM,
        role=role,
        settings=SYSTEM_FILE,
        folders=_FOLDERS[role],
        own=_OWN[role],
    )
