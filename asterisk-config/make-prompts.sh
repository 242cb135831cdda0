#!/bin/sh
# Makes every prompt of prompts.tsv (name, tab, words) anew with espeak-ng and sox: 8 kHz, mono, 16 bit. To replace a
# prompt with a real voice, put a WAV file of that kind under its name into sounds/zh instead and do not run this for it.
#   sh make-prompts.sh [name]...
set -e
cd "$(dirname "$0")"
while IFS='	' read -r name words; do
  [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
  spoken=$(printf '%s' "$words" | sed 's/12345/一二三四五/g; s/123\([0-9]\)\([0-9]\)/一二三\1\2/g' |
    sed 's/0/零/g; s/1/幺/g; s/2/二/g; s/3/三/g; s/4/四/g; s/5/五/g; s/6/六/g; s/7/七/g; s/8/八/g; s/9/九/g; s/一二三/幺二三/g')
  espeak-ng -v cmn -s 165 -w /tmp/prompt.wav "$spoken"
  sox /tmp/prompt.wav -r 8000 -c 1 -b 16 "sounds/zh/$name.wav" gain -n -6 pad 0.05 0.1
  echo "$name"
done < prompts.tsv
rm -f /tmp/prompt.wav
sox -n -r 8000 -c 1 -b 16 sounds/zh/silence-short.wav trim 0 0.3
