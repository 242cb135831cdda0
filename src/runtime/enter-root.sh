#!/bin/sh
# Runs a program inside a private Debian root, in a mount namespace of its own: nothing is mounted for anybody else, and
# everything is gone with the process, however it ends.
#
#   enter-root.sh ROOT USER SIGNAL [FROM=TO]... -- PROGRAM ARG...
#
# USER is whom it runs as inside the root. SIGNAL is what it gets when the process that started it dies. FROM=TO shows a
# folder of this machine inside the root; without "=TO" under the same name.
if [ "$HOTLINE_ROOT_ENTERED" != "$$" ]; then
  HOTLINE_ROOT_ENTERED=$$ exec unshare --mount --propagation private /bin/sh "$0" "$@"
fi
unset HOTLINE_ROOT_ENTERED
set -e
root=$1 user=$2 signal=$3
shift 3
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for name in hosts resolv.conf; do
  [ ! -e "/etc/$name" ] || { : >>"$root/etc/$name" && mount --bind "/etc/$name" "$root/etc/$name"; }
done
while [ "$1" != -- ]; do
  from=${1%%=*} to=${1#*=}
  mkdir -p "$root$to"
  mount --rbind "$from" "$root$to"
  shift
done
shift
# The signal comes last: changing the user would clear it.
if [ "$user" = root ]; then
  exec chroot "$root" setpriv --pdeathsig "$signal" -- "$@"
fi
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --init-groups --pdeathsig "$signal" -- "$@"
