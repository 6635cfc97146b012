import CKernels
import TestSupport
import Testing

/// The instruction sets that this machine has, without the scalar reference.
let vectorISAs: [fovea_isa] = {
  switch fovea_isa_best() {
  case FOVEA_AVX512: [FOVEA_AVX2, FOVEA_AVX512]
  case FOVEA_SCALAR: []
  default: [fovea_isa_best()]
  }
}()

/// A fixed sequence of numbers.
struct Dice: RandomNumberGenerator {
  private var source: SplitMix64

  init(_ seed: Int) { source = SplitMix64(seed) }

  mutating func next() -> UInt64 { source.next() }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  mutating func int32(_ range: ClosedRange<Int>) -> Int32 { Int32(int(range)) }

  mutating func float(_ range: ClosedRange<Float> = -1...1) -> Float { Float.random(in: range, using: &self) }

  mutating func chance(_ numerator: Int, of denominator: Int) -> Bool { int(1...denominator) <= numerator }
}

/// 64-byte aligned floats.
final class Floats {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  init(_ count: Int, fill: Float = 0) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 16) * 4, alignment: 64)
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 16))
    pointer.initialize(repeating: fill, count: max(count, 16))
  }

  convenience init(_ values: [Float]) {
    self.init(values.count)
    for (index, value) in values.enumerated() { self[index] = value }
  }

  /// Random values, or of a blocked tensor: random lanes below `channels`, zero lanes above.
  convenience init(_ count: Int, _ dice: inout Dice, in range: ClosedRange<Float> = -1...1) {
    self.init(count)
    for index in 0..<count { self[index] = dice.float(range) }
  }

  convenience init(
    blocked batch: Int, _ channels: Int, _ pixels: Int, _ dice: inout Dice, in range: ClosedRange<Float> = -1...1
  ) {
    let blocks = (channels + 15) / 16
    self.init(batch * blocks * pixels * 16, &dice, in: range)
    for index in 0..<count where index / 16 / pixels % blocks * 16 + index % 16 >= channels { self[index] = 0 }
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  subscript(index: Int) -> Float {
    get { pointer[index] }
    set { pointer[index] = newValue }
  }

  var values: [Float] { (0..<count).map { self[$0] } }

  var bits: [UInt32] { (0..<count).map { self[$0].bitPattern } }
}

/// Runs a kernel on each instruction set in 1, 2 and 3 parts, and expects the reference's numbers to within
/// `tolerance * (1 + |reference|)`, and the same bits for any number of parts.
func expectAgreement(
  _ label: @autoclosure () -> String, outputs count: Int, tolerance: Float,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ run: (_ isa: fovea_isa, _ output: Floats, _ parts: Int32) -> Void
) {
  let sentinel: Float = -77_777
  let reference = Floats(count, fill: sentinel)
  run(FOVEA_SCALAR, reference, 1)
  for isa in [FOVEA_SCALAR] + vectorISAs {
    var first: [UInt32]?
    for parts in 1...3 as ClosedRange<Int32> {
      let output = Floats(count, fill: sentinel)
      run(isa, output, parts)
      let worst = worstDifference(output, reference)
      #expect(
        worst.value <= tolerance, "\(label()), isa \(isa.rawValue), \(parts) parts, at \(worst.index)",
        sourceLocation: sourceLocation)
      #expect(first == nil || first == output.bits, "\(label()): parts change bits", sourceLocation: sourceLocation)
      first = output.bits
    }
  }
}

/// The largest |a - b| / (1 + |b|) and where it is; equal infinities and two NaNs do not differ.
func worstDifference(_ a: Floats, _ b: Floats) -> (value: Float, index: Int) {
  var worst: (value: Float, index: Int) = (0, -1)
  for index in 0..<b.count where a[index] != b[index] && !(a[index].isNaN && b[index].isNaN) {
    let difference = abs(a[index] - b[index]) / (1 + abs(b[index]))
    if !(difference <= worst.value) { worst = (difference.isNaN ? .infinity : difference, index) }
  }
  return worst
}

/// Calls `body` once for each part.
func inParts(_ parts: Int32, _ body: (_ part: Int32) -> Void) {
  for part in 0..<parts { body(part) }
}

/// f with its parameters; the third is that of the only function that has three.
func activation(_ kind: fovea_activation_kind, _ a: Float = 0, _ b: Float = 0) -> fovea_activation {
  fovea_activation(kind: kind, a: a, b: b, c: kind == FOVEA_ACT_QUANTIZE ? 31 : 0)
}
