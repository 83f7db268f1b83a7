/** Words in one command line of Windows, as programs take it apart again. Source: "Parsing C command-line arguments" (learn.microsoft.com). Must not know commands. */

/** In quotes where a blank, a tab or a quote asks for it; backslashes count only before a quote. */
export const windowsWord = (word: string): string =>
  word !== "" && !/[\s"]/.test(word)
    ? word
    : `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
