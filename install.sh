#!/bin/sh
# Installs Indoor Voice as a system service on 64-bit Raspberry Pi OS, Debian and Ubuntu:
#   curl -fsSL https://raw.githubusercontent.com/indoor-voice/indoor-voice/main/install.sh | sh
# or ./install.sh in a copy of the repository. Nothing is compiled, and `indoor-voice uninstall` takes all of it back.
# If it is interrupted, run it again; if everything is in place, it changes nothing.
set -eu

PROGRAM=/opt/indoor-voice
COMMAND=/usr/local/bin/indoor-voice
SETTINGS=/etc/indoor-voice.toml
UNITS=/etc/systemd/system

usage() {
  cat <<'END'
Usage: install.sh [option]...
  --role ROLE           satellite, speech (the speech server) or both
  --area ROOM           the satellite's room, by its name in Home Assistant
  --name NAME           the satellite's name in Home Assistant
  --microphone DEVICE   part of the microphone's name (default: the system's)
  --loudspeaker DEVICE  part of the loudspeaker's name (default: the system's)
  --language LANGUAGE   what is spoken at home, such as en
  --extras LIST         extras to install as well, such as music,noise
  --from SOURCE         a wheel, or a copy of the repository (default: this copy, or PyPI)
  --update              install the newest version
  --yes                 ask nothing
END
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
can_ask() { [ "$yes" = no ] && (: </dev/tty) 2>/dev/null; }

# Asks a question to which Enter means yes.
agree() {
  printf '%s [Y/n] ' "$1" >/dev/tty
  read -r answer </dev/tty
  case $answer in '' | [Yy]*) ;; *) return 1 ;; esac
}

# Prints the names of those packages that are not installed.
missing_of() {
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
  done
}

check_system() {
  if ! { [ -r /etc/os-release ] && command -v dpkg apt-get >/dev/null; }; then
    fail "This needs Raspberry Pi OS, Debian or Ubuntu. For others, see docs/install.md."
  fi
  # shellcheck source=/dev/null
  system=$(. /etc/os-release && echo "$PRETTY_NAME")
  case $(dpkg --print-architecture) in
    amd64 | arm64) ;;
    *) fail "This needs a 64-bit system, and $system is a $(dpkg --print-architecture) one." ;;
  esac
  command -v systemctl >/dev/null || fail "This needs systemd, which $system has not."
  version=$(apt-cache policy python3 2>/dev/null | sed -n 's/^  Candidate: 3\.\([0-9]*\).*/\1/p')
  if command -v python3 >/dev/null; then version=$(python3 -c 'import sys; print(sys.version_info[1])'); fi
  [ "${version:-11}" -ge 11 ] ||
    fail "This needs Python 3.11, as in Debian 12 and Ubuntu 24.04; $system has 3.$version."
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "This needs root. Run it as root, or install sudo."
  free=$(df -Pm /opt | awk 'NR == 2 { print $4 }')
  [ "$free" -ge 1000 ] || fail "This needs 1000 MB of disk; there are $free MB."
}

# Prints the requirement that the program was installed from, and the fingerprint of its source.
installed_as() { cat "$PROGRAM/current/made-of" 2>/dev/null || true; }

# Finds out what this machine is to be: by option, by what it is, or by asking.
choose_role() {
  if [ -z "$role" ]; then
    if [ -e "$UNITS/indoor-voice-satellite.service" ]; then role=satellite; fi
    if [ -e "$UNITS/indoor-voice-speech.service" ]; then
      if [ -z "$role" ]; then role=speech; else role=both; fi
    fi
  fi
  if [ -z "$role" ]; then
    can_ask || fail "What is this machine to be? Say it with --role satellite, --role speech or --role both."
    {
      say "What is this machine to be?"
      say "  1: a satellite, which listens and speaks in a room"
      say "  2: a speech server, of which a home needs one"
      say "  3: both"
      printf 'Which? [1] '
    } >/dev/tty
    read -r answer </dev/tty
    case $answer in '' | 1) role=satellite ;; 2) role=speech ;; 3) role=both ;; *) fail "There is no $answer." ;; esac
  fi
  [ -n "$extras" ] || extras=$(installed_as | sed -n 's/^indoor-voice\[\([^]]*\)\].*/\1/p')
  case $role in
    satellite) ;;
    speech | both) case ,$extras, in *,speech,* | *,offline,* | *,sherpa,*) ;; *) extras=${extras:+$extras,}speech ;; esac ;;
    *) fail "--role must be satellite, speech or both, not $role." ;;
  esac
}

# Prints what tells one content of a wheel or a copy of the repository from another; nothing for PyPI.
fingerprint() {
  if [ -f "$source" ]; then
    sha256sum <"$source"
  elif [ -d "$source" ]; then
    (cd "$source" && find install.sh pyproject.toml satellite -type f ! -name '*.pyc' -exec sha256sum {} + | sort | sha256sum)
  fi
}

# Succeeds if the program is there, as wanted, and nothing newer.
is_current() {
  [ -x "$PROGRAM/current/bin/indoor-voice" ] && [ "$(installed_as)" = "$made_of" ] || return 1
  if [ "$update" = no ] || [ -n "$source" ]; then return 0; fi
  newer=$("$PROGRAM/current/bin/pip" install --dry-run --upgrade --disable-pip-version-check --no-cache-dir \
    --only-binary :all: "$requirement") || fail "PyPI does not answer."
  case $newer in *"Would install"*) return 1 ;; esac
}

install_packages() {
  say "Installing Debian packages: $missing"
  as_root mkdir -p "$PROGRAM"
  # Written first, so that an interruption forgets none.
  # shellcheck disable=SC2086  # several names
  printf '%s\n' $missing | as_root tee -a "$PROGRAM/packages" >/dev/null
  as_root dpkg --configure -a
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --fix-broken --no-install-recommends $missing >/dev/null
}

# Installs the program beside the one that may be running, and then changes to it.
install_program() {
  case $(readlink "$PROGRAM/current" 2>/dev/null) in a) next=b ;; *) next=a ;; esac
  say "Installing the program in $PROGRAM/$next"
  as_root mkdir -p "$PROGRAM"
  as_root rm -rf "${PROGRAM:?}/$next"
  as_root python3 -m venv "$PROGRAM/$next"
  as_root "$PROGRAM/$next/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir --no-input \
    --only-binary :all: "$requirement"
  printf '%s\n' "$made_of" | as_root tee "$PROGRAM/$next/made-of" >/dev/null
  as_root ln -sfn "$next" "$PROGRAM/current.new"
  as_root mv -T "$PROGRAM/current.new" "$PROGRAM/current"
}

main() {
  role='' extras='' source='' update=no yes=no
  count=$#
  while [ "$count" -gt 0 ]; do
    option=$1
    case $option in
      --update | --yes) shift ;;
      -h | --help) usage && exit ;;
      --role | --extras | --from | --area | --name | --microphone | --loudspeaker | --language)
        [ "$count" -ge 2 ] || fail "$option needs a value."
        value=$2
        shift 2
        count=$((count - 1))
        ;;
      *) usage >&2 && fail "There is no option $option." ;;
    esac
    count=$((count - 1))
    case $option in
      --update) update=yes ;;
      --yes) yes=yes ;;
      --role) role=$value ;;
      --extras) extras=$value ;;
      --from) source=$value ;;
      *) set -- "$@" "$option" "$value" ;; # for set-up
    esac
  done

  check_system
  choose_role
  here=$(dirname "$0")
  if [ -n "$source" ]; then
    :
  elif [ "$update" = yes ]; then
    source=$(installed_as | sed -n 's|^.* @ file://\(.*\) [0-9a-f]*  -$|\1|p')
  elif [ -f "$here/install.sh" ] && [ -d "$here/satellite/indoor_voice" ]; then
    source=$here
  fi
  requirement="indoor-voice${extras:+[$extras]}"
  if [ -n "$source" ]; then
    [ -e "$source" ] || fail "There is no $source. Name another source with --from."
    source=$(realpath "$source")
    requirement="$requirement @ file://$source"
  fi
  made_of="$requirement $(fingerprint)"

  wanted="python3 python3-venv"
  case $role in satellite | both) wanted="$wanted libportaudio2 libspeexdsp1" ;; esac
  case ,$extras, in *,music,*) wanted="$wanted libmpv2" ;; esac
  # shellcheck disable=SC2086  # several names
  missing=$(missing_of $wanted)
  if is_current; then program=kept; else program=new; fi
  linked=$(readlink "$COMMAND" || true)

  if [ -n "$missing" ] || [ "$program" = new ]; then
    say "This sets up Indoor Voice on $system, as: $role"
    [ -z "$missing" ] || say "- Debian packages: $missing"
    [ "$program" = kept ] || say "- $requirement, from binary packages, in $PROGRAM"
    say "- the command $COMMAND, the settings $SETTINGS, and a service that starts at each boot"
    say "To take it back: sudo indoor-voice uninstall"
    if [ "$yes" = no ]; then
      can_ask || fail "Without a terminal, agree with --yes."
      agree "Go on?" || exit 1
    fi
    [ -z "$missing" ] || install_packages
    [ "$program" = kept ] || install_program
  fi
  if [ "$linked" != "$PROGRAM/current/bin/indoor-voice" ]; then
    as_root mkdir -p "$(dirname "$COMMAND")"
    as_root ln -sfn "$PROGRAM/current/bin/indoor-voice" "$COMMAND"
  fi

  [ "$program" = kept ] || set -- "$@" --restart
  [ "$program" = kept ] || say "Setting up the service"
  if can_ask && [ ! -e "$SETTINGS" ]; then
    as_root "$COMMAND" set-up --role "$role" "$@" </dev/tty
  else
    as_root "$COMMAND" set-up --role "$role" --yes "$@"
  fi
  case $(readlink "$PROGRAM/current") in a) as_root rm -rf "$PROGRAM/b" ;; b) as_root rm -rf "$PROGRAM/a" ;; esac
  say "Indoor Voice $("$COMMAND" --version) is installed."
}

main "$@"
