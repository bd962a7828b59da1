// Stand-in until the port of fdlibm is there.
export function exp(x: f64): f64 { return Math.exp(x) }
export function ln(x: f64): f64 { return Math.log(x) }
export function log10(x: f64): f64 { return Math.log10(x) }
export function pow(x: f64, y: f64): f64 { return Math.pow(x, y) }
export function sin(x: f64): f64 { return Math.sin(x) }
export function cos(x: f64): f64 { return Math.cos(x) }
export function tan(x: f64): f64 { return Math.tan(x) }
export function atan2(y: f64, x: f64): f64 { return Math.atan2(y, x) }
