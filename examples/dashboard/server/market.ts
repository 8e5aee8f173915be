// A made-up market: six instruments that walk at random, and a stream of numbered events about them.

export interface Price {
  readonly type: 'price'
  readonly seq: number
  readonly at: number
  readonly symbol: string
  readonly price: number
}

export interface Order {
  readonly type: 'order'
  readonly seq: number
  readonly at: number
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly quantity: number
  readonly price: number
}

export type MarketEvent = Price | Order

/** The first frame of a connection: where the numbering stands, and enough to draw the whole page. */
export interface Welcome {
  readonly type: 'welcome'
  /** The newest event that was published; the next one on this connection is `seq + 1`. */
  readonly seq: number
  readonly instruments: readonly {
    readonly symbol: string
    readonly name: string
    readonly opening: number
    /** The latest prices, oldest first. */
    readonly trail: readonly number[]
  }[]
}

export interface Market {
  /** The number of the newest event; 0 before the first. */
  readonly seq: number
  /** Moves the market on by one event. */
  next(at: number): MarketEvent
  welcome(): Welcome
}

/** How many prices of each instrument a new client is shown. */
export const trailLength = 48
/** How many events of history there are before the first client, so that no line is ever empty. */
const rehearsal = 400

interface Instrument {
  readonly symbol: string
  readonly name: string
  readonly volatility: number
  readonly opening: number
  price: number
  readonly trail: number[]
}

const listings = [
  ['KELP', 'Kelp & Daughters', 84.2, 0.0016],
  ['BRNC', 'Barnacle Freight', 212.75, 0.0011],
  ['TIDE', 'Tidewater Power', 47.9, 0.0009],
  ['LMPT', 'Limpet Robotics', 129.4, 0.0024],
  ['SPRY', 'Spray Aviation', 18.65, 0.0021],
  ['ANCH', 'Anchor Mutual', 301.1, 0.0007],
] as const

export function market({ seed }: { readonly seed: number }): Market {
  const chance = mulberry32(seed)
  const instruments = listings.map(
    ([symbol, name, opening, volatility]): Instrument => ({
      symbol,
      name,
      volatility,
      opening,
      price: opening,
      trail: [opening],
    }),
  )
  let seq = 0

  const next = (at: number): MarketEvent => {
    const instrument = instruments[Math.floor(chance() * instruments.length)]
    if (instrument === undefined) throw new Error('Expected the market to have instruments.')
    seq += 1
    const { symbol } = instrument
    if (chance() < 0.6) return { type: 'price', seq, at, symbol, price: walk(instrument, chance) }
    const side = chance() < 0.5 ? 'buy' : 'sell'
    // Many small orders, few large ones.
    const quantity = 5 * Math.ceil(chance() ** 3 * 200)
    return { type: 'order', seq, at, symbol, side, quantity, price: instrument.price }
  }

  for (let event = 0; event < rehearsal; event += 1) next(0)

  return {
    get seq() {
      return seq
    },
    next,
    welcome: () => ({
      type: 'welcome',
      seq,
      instruments: instruments.map(({ symbol, name, opening, trail }) => ({
        symbol,
        name,
        opening,
        trail: [...trail],
      })),
    }),
  }
}

function walk(instrument: Instrument, chance: () => number): number {
  // Drawn back a little towards the opening, so that a demo left running overnight still shows sane prices.
  const pull = Math.log(instrument.opening / instrument.price) * 0.01
  const price = instrument.price * Math.exp(instrument.volatility * gaussian(chance) + pull)
  instrument.price = Math.round(price * 100) / 100
  instrument.trail.push(instrument.price)
  if (instrument.trail.length > trailLength) instrument.trail.shift()
  return instrument.price
}

/** Close enough to a normal draw for a market: the sum of three uniform ones, with variance 1. */
function gaussian(chance: () => number): number {
  return 2 * (chance() + chance() + chance() - 1.5)
}

/** Mulberry32, a small generator of uniform draws in [0, 1): the same seed gives the same market. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
