/**
 * Light and dark: the system's wish unless the reader chose otherwise (kept in localStorage). Charts read their colours from the
 * page's custom properties, so style sheet and canvas always agree.
 */
const STORAGE_KEY = 'millrace-theme'
const COLOURS = ['ink', 'muted', 'rule', 'signal', 'mean', 'band', 'mark', 'event', 'paper', 'usual'] as const

export type ColourName = (typeof COLOURS)[number]
export type Colours = Readonly<Record<ColourName, string>>

let current: Colours | null = null

/** The page's colours as the style sheet has them now. */
export function colours(): Colours {
  if (current !== null) return current
  const style = getComputedStyle(document.documentElement)
  current = Object.fromEntries(COLOURS.map(name => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours
  return current
}

/** Wires the toggle; `onChange` is called when the colours are others. */
export function wireTheme(button: HTMLButtonElement, onChange: () => void): void {
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)')
  const system = (): string => (systemIsDark.matches ? 'dark' : 'light')
  const isDark = (): boolean => (document.documentElement.dataset['theme'] ?? system()) === 'dark'
  const refresh = (): void => {
    current = null
    button.textContent = isDark() ? 'Light' : 'Dark'
    button.setAttribute('aria-label', `Switch to ${isDark() ? 'light' : 'dark'} colours`)
    onChange()
  }
  const kept = readKept()
  if (kept !== null) document.documentElement.dataset['theme'] = kept
  button.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark'
    document.documentElement.dataset['theme'] = theme
    try {
      localStorage.setItem(STORAGE_KEY, theme)
    } catch {
      // Storage may be refused; the choice then lasts until the page is closed.
    }
    refresh()
  })
  systemIsDark.addEventListener('change', refresh)
  refresh()
}

function readKept(): string | null {
  try {
    const kept = localStorage.getItem(STORAGE_KEY)
    return kept === 'dark' || kept === 'light' ? kept : null
  } catch {
    return null
  }
}
