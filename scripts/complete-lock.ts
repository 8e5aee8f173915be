// Completes package-lock.json for platforms that the registry used for locking does not carry: a mirror that holds only
// Linux binaries makes npm leave the others out of the lock, and `npm ci` then refuses the lock on every platform.
// Run it after any `npm install`. Entries get the exact version their parent asks for, and no integrity: npm learns
// that when it fetches them.
import { readFileSync, writeFileSync } from 'node:fs'

interface Entry {
  readonly version?: string
  readonly dev?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optional?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

interface Lock {
  packages: Record<string, Entry>
}

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/** What a package like `@esbuild/linux-arm64-musl` runs on, by its name. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/)
  const os = SYSTEMS.find(system => words.includes(system))
  const cpu = PROCESSORS.find(processor => words.includes(processor))
  const libc = words.some(word => word.startsWith('musl')) ? 'musl' : words.includes('gnu') ? 'glibc' : undefined
  return { ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }), ...(os && { os: [os] }) }
}

/** Where npm would look for a dependency of the package at that place, innermost first. */
function places(at: string, name: string): string[] {
  const parts = at.split('/node_modules/')
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/node_modules/')), ''].map(
    place => `${place && `${place}/`}node_modules/${name}`,
  )
}

const path = new URL('../package-lock.json', import.meta.url)
const lock: Lock = JSON.parse(readFileSync(path, 'utf8'))
const added: string[] = []

for (const [at, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (places(at, name).some(place => place in lock.packages)) continue
    // Only binaries of one platform each are pinned exactly; anything else npm must resolve itself.
    if (!/^\d/.test(version)) continue
    lock.packages[`node_modules/${name}`] = { version, ...(dev && { dev }), optional: true, ...platformOf(name) }
    added.push(name)
  }
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added.length} entries added to package-lock.json`)
