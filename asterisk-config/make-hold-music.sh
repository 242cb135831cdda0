#!/bin/sh
# Makes the hold music: an own, quiet pentatonic sequence of soft plucked tones, free of anybody's rights.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d)
n=100
for note in C4 E4 G4 A4 G4 E4 D4 C4 D4 E4 A4 G4 E4 D4 G3 C4 E4 G4 C5 A4 G4 E4 G4 D4 C4 A3 G3 A3 C4 D4 E4 C4; do
  n=$((n + 1))
  sox -q -n -r 8000 -c 1 -b 16 "$work/$n.wav" synth 0.75 sine "%$(
    case $note in G3) echo -14 ;; A3) echo -12 ;; C4) echo -9 ;; D4) echo -7 ;; E4) echo -5 ;; G4) echo -2 ;; A4) echo 0 ;; C5) echo 3 ;; esac
  )" fade l 0.02 0.75 0.6 vol 0.16
done
sox -q "$work"/*.wav -r 8000 -c 1 -b 16 moh/hold.wav reverb 40 gain -n -20
rm -r "$work"
