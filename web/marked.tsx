/** Text with what was looked for marked: text alone, whatever it holds. */
export function Marked({ text, mark }: { text: string; mark: RegExp | undefined }) {
  if (!mark) return <>{text}</>;
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(mark)) {
    parts.push(text.slice(at, match.index), <mark key={match.index}>{match[0]}</mark>);
    at = match.index + match[0].length;
  }
  return (
    <>
      {parts}
      {text.slice(at)}
    </>
  );
}
