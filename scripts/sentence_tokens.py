# SPDX-License-Identifier: MIT
"""Splits a sentence into the pieces of a SentencePiece unigram vocabulary (Kudo, 2018): the most probable way.

The vocabulary is a list of [piece, log probability]; the first RESERVED are no pieces of text. Text is normalised
(NFKC), begins with a word mark, and its spaces become word marks. A character that no piece covers is piece 0;
several in a row are one. A missing probability counts as 1, as in the package's own JavaScript.
"""
import math
import unicodedata

RESERVED = 6
WORD_MARK = "\u2581"


class Tokenizer:
    """`Tokenizer(vocabulary)(sentence)` is the list of the sentence's piece numbers."""

    def __init__(self, vocabulary):
        self._pieces = {piece: (score or 0.0, number)
                        for number, (piece, score) in enumerate(vocabulary) if number >= RESERVED}
        self._longest = max(map(len, self._pieces))

    def __call__(self, sentence):
        text = unicodedata.normalize("NFKC", sentence)
        text = WORD_MARK + text.replace(" ", WORD_MARK) if text else ""
        best = [(0.0, 0, 0)] + [(-math.inf, 0, 0)] * len(text)  # up to here: score, number of the last piece, its length
        for start in range(len(text)):
            found = [(length, *self._pieces[piece]) for length in range(1, self._longest + 1)
                     if (piece := text[start:start + length]) in self._pieces and start + length <= len(text)]
            for length, score, number in found or [(1, 0.0, 0)]:
                best[start + length] = max(best[start + length], (best[start][0] + score, number, length))
        numbers, end = [], len(text)
        while end:
            _, number, length = best[end]
            if number or not (numbers and numbers[-1] == 0):
                numbers.append(number)
            end -= length
        return numbers[::-1]
