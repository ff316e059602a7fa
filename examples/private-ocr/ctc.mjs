// What a recognition network says, as text. It names a class for each step along the line: 0 is the blank, the others
// are characters of the dictionary. A character counts where its class begins; the blank keeps double letters apart.

/** Greedy decoding of connectionist temporal classification: runs of a class become one, blanks are dropped. */
export function decode(classes, characters) {
  return [...classes]
    .filter((c, i) => c !== 0 && c !== classes[i - 1])
    .map((c) => characters[c])
    .join('');
}

/** The characters by class, from the text of a dictionary with a character a line: the blank first, a space last. */
export function dictionary(text) {
  const keys = text.split(/\r?\n/);
  if (keys[keys.length - 1] === '') keys.pop();
  return ['', ...keys, ' '];
}
