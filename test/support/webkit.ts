import { WebdriverBrowserProvider, type WebdriverProviderOptions, webdriverio } from '@vitest/browser-webdriverio'
import type { BrowserProviderOption } from 'vitest/node'
import { startWebKitDriver, type WebKitDriver } from './webkit-driver.ts'

/** Starts the driver with the browser and ends it after the browser. */
class WebKitProvider extends WebdriverBrowserProvider {
  #driver: Promise<WebKitDriver> | undefined
  readonly #chosen: WebdriverProviderOptions

  constructor(project: ConstructorParameters<typeof WebdriverBrowserProvider>[0], options: WebdriverProviderOptions) {
    super(project, options)
    this.#chosen = options
  }

  override async openBrowser(): Promise<WebdriverIO.Browser> {
    this.#driver ??= startWebKitDriver()
    const { port } = await this.#driver
    this.#chosen.port = port
    return super.openBrowser()
  }

  override async close(): Promise<void> {
    try {
      await super.close()
    } finally {
      await (await this.#driver)?.end()
    }
  }
}

/** WebKitGTK in its MiniBrowser, driven by WebKitWebDriver under Xvfb. */
export function webkit(binary: string): BrowserProviderOption<WebdriverProviderOptions> {
  // Not in one literal: the types know only the capabilities of other browsers.
  const own = { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } }
  const capabilities = { 'wdio:enforceWebDriverClassic': true, ...own }
  const options: WebdriverProviderOptions = {
    hostname: '127.0.0.1',
    path: '/',
    // Vitest asks for Safari, whatever it is told; this driver knows its browser by another name.
    transformRequest: request =>
      typeof request.body === 'string'
        ? { ...request, body: request.body.replaceAll('"browserName":"safari"', '"browserName":"MiniBrowser"') }
        : request,
    capabilities,
  }
  return { ...webdriverio(options), providerFactory: project => new WebKitProvider(project, options) }
}
