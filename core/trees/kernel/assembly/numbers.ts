// Decimal numbers of model files, many in a call. What is not quite usual is left to JavaScript (../../formats/number-runs.ts).

const SPACE: u32 = 0x20;
const COMMA: u32 = 0x2c;
const MINUS: u32 = 0x2d;
const POINT: u32 = 0x2e;
/** Numbers of more bytes are left. */
const MOST_BYTES: usize = 63;
/** So many digits fit 64 bits. */
const MOST_DIGITS: i32 = 19;
/** Powers of ten up to it are exact doubles; those of five fit 52 bits. */
const MOST_SCALE: i32 = 22;
const EXACT: u64 = 1 << 53;

@inline
function digitAt(at: usize): u32 {
  return <u32>load<u8>(at) - 0x30;
}

/** Spaces; between commas, all white space of JSON. */
@inline
function passSpace(at: usize, end: usize, separator: u32): usize {
  while (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte != SPACE && !(separator == COMMA && (byte == 0x0a || byte == 0x0d || byte == 0x09))) break;
    at++;
  }
  return at;
}

function powerOfTen(exponent: i32): f64 {
  let power: f64 = exponent & 1 ? 10 : 1;
  if (exponent & 2) power *= 1e2;
  if (exponent & 4) power *= 1e4;
  if (exponent & 8) power *= 1e8;
  return exponent & 16 ? power * 1e16 : power;
}

function powerOfFive(exponent: i32): u64 {
  let power: u64 = exponent & 1 ? 5 : 1;
  if (exponent & 2) power *= 25;
  if (exponent & 4) power *= 625;
  if (exponent & 8) power *= 390_625;
  return exponent & 16 ? power * 152_587_890_625 : power;
}

/**
 * The double nearest to mantissa / 10^digits, by long division by 5^digits until there are more bits than a double holds; the last of them
 * tells whether anything is left.
 */
function divided(mantissa: u64, digits: i32): f64 {
  const divisor = powerOfFive(digits);
  let quotient = mantissa / divisor;
  let rest = mantissa % divisor;
  let exponent = -digits;
  while (quotient < 1 << 55) {
    // The rest has 52 bits at most, the quotient must not get more than 64.
    const shift: u64 = quotient < 1 << 52 ? 12 : 3;
    rest <<= shift;
    quotient = (quotient << shift) | (rest / divisor);
    rest %= divisor;
    exponent -= <i32>shift;
  }
  if (rest != 0) quotient |= 1;
  return <f64>quotient * reinterpret<f64>(<u64>(1023 + exponent) << 52);
}

/**
 * Reads numbers, each with a separator behind it: a comma, with white space around it, or spaces. Passes over white space first. Stops before the first that is
 * unusual (a word, -0, great in digits or powers, `whole` and not so) or not followed by a separator before `end`. Writes them as float64, and to `stop` (int32)
 * the address where it stopped; returns how many there are, at most half as many as there are bytes.
 */
export function readNumbers(at: usize, end: usize, separator: u32, whole: bool, to: usize, stop: usize): i32 {
  const first = to;
  at = passSpace(at, end, separator);
  let start = at;
  for (;;) {
    start = at;
    const isNegative = at < end && <u32>load<u8>(at) == MINUS;
    if (isNegative) at++;
    const digitsStart = at;
    let mantissa: u64 = 0;
    let significant: i32 = 0;
    while (at < end) {
      const digit = digitAt(at);
      if (digit > 9) break;
      mantissa = mantissa * 10 + digit;
      if (significant > 0 || digit != 0) significant++;
      at++;
    }
    if (at == digitsStart || (at - digitsStart > 1 && digitAt(digitsStart) == 0)) break;
    let scale: i32 = 0;
    if (at < end && <u32>load<u8>(at) == POINT) {
      const pointAt = at++;
      while (at < end) {
        const digit = digitAt(at);
        if (digit > 9) break;
        mantissa = mantissa * 10 + digit;
        if (significant > 0 || digit != 0) significant++;
        at++;
      }
      scale = <i32>(pointAt + 1 - at);
      if (scale == 0 || whole) break;
    }
    if (at < end && (load<u8>(at) | 0x20) == 0x65) {
      at++;
      const sign: u32 = at < end ? load<u8>(at) : 0;
      if (sign == MINUS || sign == 0x2b) at++;
      const exponentStart = at;
      let exponent: i32 = 0;
      while (at < end) {
        const digit = digitAt(at);
        if (digit > 9) break;
        exponent = min(exponent * 10 + digit, 1000);
        at++;
      }
      if (at == exponentStart || whole) break;
      scale += sign == MINUS ? -exponent : exponent;
    }
    if (at - start > MOST_BYTES || significant > MOST_DIGITS || (isNegative && mantissa == 0)) break;
    if (scale < -MOST_SCALE || scale > MOST_SCALE) break;
    let next = at;
    if (separator == COMMA) next = passSpace(next, end, COMMA);
    if (next == end || <u32>load<u8>(next) != separator) break;
    next = passSpace(next + 1, end, separator);
    // One operation on exact doubles gives the nearest one.
    let value: f64 = <f64>mantissa;
    if (mantissa >= EXACT) {
      if (scale > 0) break;
      value = divided(mantissa, -scale);
    } else if (scale < 0) value /= powerOfTen(-scale);
    else value *= powerOfTen(scale);
    store<f64>(to, isNegative ? -value : value);
    to += 8;
    at = next;
  }
  store<i32>(stop, <i32>start);
  return <i32>((to - first) >> 3);
}
