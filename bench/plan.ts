/** How much is measured. */
export interface Plan {
  /** Fresh processes per subject: two processes with the same code differ more than two rounds in one. */
  readonly processes: number
  /** Rounds in each of them, in which the subjects take turns. */
  readonly rounds: number
  /** Fresh pages per subject in Chromium. */
  readonly pages: number
  /** Rounds in each page. */
  readonly pageRounds: number
  /** Passes over the 64 payloads in one round of a CPU measurement. */
  readonly passes: number
  /** Messages of one burst in Chromium. */
  readonly burst: number
  /** Repetitions of what takes real time: heap and dials. */
  readonly waits: number
  /** Clients per library and repetition against the server that accepts and closes. */
  readonly clients: number
  readonly syntheticSockets: number
  readonly wsSockets: number
  /** Clients of a simulated restart, seeds for which every restart is simulated, and clients of the one that is plotted. */
  readonly stormClients: number
  readonly stormSeeds: number
  readonly stormPlotted: number
}

export const FULL: Plan = {
  processes: 8,
  rounds: 4,
  pages: 3,
  pageRounds: 10,
  passes: 1_200,
  burst: 2_500,
  waits: 4,
  clients: 10,
  syntheticSockets: 2_000,
  wsSockets: 500,
  stormClients: 5_000,
  stormSeeds: 20,
  stormPlotted: 100_000,
}

export const QUICK: Plan = {
  processes: 1,
  rounds: 4,
  pages: 1,
  pageRounds: 4,
  passes: 500,
  burst: 500,
  waits: 1,
  clients: 20,
  syntheticSockets: 1_000,
  wsSockets: 200,
  stormClients: 500,
  stormSeeds: 2,
  stormPlotted: 5_000,
}
