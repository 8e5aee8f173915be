/** What the generated documents are written with. */

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function duration(ms: number): string {
  if (ms > 86_400_000) return `${(ms / 86_400_000).toFixed(1)} days`
  if (ms >= 3_600_000) return `${ms / 3_600_000} h`
  if (ms >= 120_000) return `${ms / 60_000} min`
  return ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`
}

function size(bytes: number): string {
  if (bytes >= 1_048_576) return `${bytes / 1_048_576} MiB`
  return bytes >= 1_024 ? `${bytes / 1_024} KiB` : `${bytes} bytes`
}

/** A number as people read it; the end of its name says what it counts. */
export function inUnits(name: string, value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (name.endsWith('_MS')) return duration(value)
  if (name.endsWith('_BYTES')) return size(value)
  return value < 1 ? `${Math.round(value * 100)} %` : value.toLocaleString('en-US')
}
