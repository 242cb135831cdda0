#!/bin/sh
# Makes every prompt of prompts.tsv (name, tab, words) anew with espeak-ng and sox: 8 kHz, mono, 16 bit. To replace a
# prompt with a real voice, put a WAV file of that kind under its name into sounds/zh instead and do not run this for it.
#   sh make-prompts.sh [name]...
# Needs espeak-ng 1.52: 1.51 spells the pinyin out in English.
set -e
cd "$(dirname "$0")"

# A tone prompt is drawn, not spoken. The ringback is the Chinese one: 450 Hz, 1 s on, 4 s off (ITU-T E.180, supplement 2).
tone() {
  out="-r 8000 -c 1 -b 16 sounds/zh/$1.wav"
  case $1 in
    ringback) sox -n $out synth 1 sine 450 fade 0.005 0 0.005 gain -12 pad 0 4 ;;
    beep) sox -n $out synth 0.5 sine 1000 fade 0.005 0 0.005 gain -9 pad 0.05 0.1 ;;
    tone-joined) sox -n $out synth 0.15 sine 660 gain -12 : synth 0.2 sine 880 gain -12 ;;
    tone-left) sox -n $out synth 0.15 sine 880 gain -12 : synth 0.2 sine 660 gain -12 ;;
    silence-short) sox -n $out trim 0 0.3 ;;
    *) return 1 ;;
  esac
}

while IFS='	' read -r name words; do
  [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
  if tone "$name"; then
    echo "$name"
    continue
  fi
  # 12345 and the like digit by digit with 幺 for 1; the key to press is 一.
  spoken=$(printf '%s' "$words" | sed 's/按1/按一/g; s/12345/一二三四五/g; s/123\([0-9]\)\([0-9]\)/一二三\1\2/g' |
    sed 's/0/零/g; s/1/幺/g; s/2/二/g; s/3/三/g; s/4/四/g; s/5/五/g; s/6/六/g; s/7/七/g; s/8/八/g; s/9/九/g; s/一二三/幺二三/g')
  LC_ALL=C.UTF-8 espeak-ng -v cmn -s 165 -w /tmp/prompt.wav "$spoken"
  # What is put together into numbers and times (a word without a full stop) stands close to its neighbours.
  case $words in
    *。) sox /tmp/prompt.wav -r 8000 -c 1 -b 16 "sounds/zh/$name.wav" gain -n -6 pad 0.05 0.1 ;;
    *) sox /tmp/prompt.wav -r 8000 -c 1 -b 16 "sounds/zh/$name.wav" gain -n -6 \
         silence 1 0.01 1% reverse silence 1 0.01 1% reverse pad 0.02 0.03 ;;
  esac
  echo "$name"
done < prompts.tsv
rm -f /tmp/prompt.wav
