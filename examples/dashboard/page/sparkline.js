// @ts-check
// A line of recent prices, with the opening price as its water level.

const width = 112
const height = 28
const inset = 3
const svgNamespace = 'http://www.w3.org/2000/svg'

/** @param {number} opening */
export function sparkline(opening) {
  const svg = document.createElementNS(svgNamespace, 'svg')
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  svg.setAttribute('width', String(width))
  svg.setAttribute('height', String(height))
  svg.setAttribute('aria-hidden', 'true')
  const level = shape('line', 'level')
  level.setAttribute('x1', '0')
  level.setAttribute('x2', String(width))
  const line = shape('polyline', 'trail')
  const tip = shape('circle', 'tip')
  tip.setAttribute('r', '2.2')
  svg.append(level, line, tip)

  return {
    svg,
    /** @param {number[]} prices */
    draw(prices) {
      const low = Math.min(opening, ...prices)
      const span = Math.max(opening, ...prices) - low || 1
      /** @param {number} price */
      const y = price => (height - inset - ((price - low) / span) * (height - 2 * inset)).toFixed(1)
      const step = (width - 2 * inset) / Math.max(1, prices.length - 1)
      const points = prices.map((price, index) => `${(inset + index * step).toFixed(1)},${y(price)}`)
      line.setAttribute('points', points.join(' '))
      level.setAttribute('y1', y(opening))
      level.setAttribute('y2', y(opening))
      const [x = '0', top = '0'] = (points.at(-1) ?? '').split(',')
      tip.setAttribute('cx', x)
      tip.setAttribute('cy', top)
    },
  }
}

/**
 * @param {'line' | 'polyline' | 'circle'} tag
 * @param {string} className
 */
function shape(tag, className) {
  const made = document.createElementNS(svgNamespace, tag)
  made.setAttribute('class', className)
  return made
}
