/** How much is measured. */
export interface Plan {
  /** Fresh processes per subject: two processes with the same code differ more than two rounds in one. */
  readonly processes: number
  /** Rounds in each of them. One round is one sample of every subject. */
  readonly rounds: number
  /** Turns of each subject in one round. Many short ones, so that a slow moment of the machine meets them all. */
  readonly turns: number
  /** Passes over the 64 payloads in one turn: about a millisecond. */
  readonly passes: number
  /** Fresh pages per subject in Chromium, rounds in each, and turns in a round. */
  readonly pages: number
  readonly pageRounds: number
  readonly pageTurns: number
  /** Messages of one burst in Chromium. */
  readonly burst: number
  /** Repetitions of what takes real time: heap and dials. */
  readonly waits: number
  /** Clients per library and repetition against the server that accepts and closes. */
  readonly clients: number
  /** Clients per library and fault, and how long they are watched. */
  readonly victims: number
  readonly watchMs: number
  readonly syntheticSockets: number
  readonly realSockets: number
  /** Clients of a simulated restart, seeds for which every restart is simulated, and clients of the one that is plotted. */
  readonly stormClients: number
  readonly stormSeeds: number
  readonly stormPlotted: number
  /** Fresh processes of each server, and turns in a round: a turn of these is longer. */
  readonly serverProcesses: number
  readonly serverTurns: number
}

export const FULL: Plan = {
  processes: 6,
  rounds: 7,
  turns: 20,
  passes: 25,
  pages: 3,
  pageRounds: 8,
  pageTurns: 3,
  burst: 800,
  waits: 2,
  clients: 20,
  victims: 15,
  watchMs: 60_000,
  syntheticSockets: 2_000,
  realSockets: 1_000,
  stormClients: 5_000,
  stormSeeds: 20,
  stormPlotted: 100_000,
  serverProcesses: 3,
  serverTurns: 2,
}

export const QUICK: Plan = {
  processes: 4,
  rounds: 5,
  turns: 15,
  passes: 25,
  pages: 3,
  pageRounds: 4,
  pageTurns: 2,
  burst: 500,
  waits: 1,
  clients: 20,
  victims: 5,
  watchMs: 25_000,
  syntheticSockets: 2_000,
  realSockets: 1_000,
  stormClients: 500,
  stormSeeds: 2,
  stormPlotted: 5_000,
  serverProcesses: 1,
  serverTurns: 2,
}
