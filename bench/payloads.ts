/** Sixty-four different JSON texts of about 100 bytes, so that nothing is a constant. */
export const PAYLOADS: readonly string[] = Array.from({ length: 64 }, (_, i) =>
  JSON.stringify({
    type: 'price',
    id: 1_000 + i,
    bid: 99.5 + i,
    ask: 99.75 + i,
    at: 1_700_000_000_000 + i,
    note: 'x'.repeat(28),
  }),
)
