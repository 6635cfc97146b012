import Foundation

/// The sound track: a soft chord for each scene, one bell where it begins, and a breath of wind.
struct Sound {
  let plan: Plan
  static let rate = 48_000
  /// Notes above A2 (110 Hz), in half tones.
  private static let chords = [
    [3, 10, 15, 19], [0, 7, 15, 22], [8, 12, 15, 19], [5, 12, 15, 20], [3, 10, 14, 19], [8, 15, 17, 24],
    [3, 10, 15, 22],
  ]
  private static let bells = [31, 34, 27, 32, 34, 29, 39]

  /// Two channels, -1 to 1, interleaved.
  func samples() -> [Float] {
    let count = Int(plan.seconds * Double(Self.rate))
    var mix = [Float](repeating: 0, count: count * 2)
    for scene in 0..<plan.scenes {
      let start = Double(scene * plan.spacing) / Double(plan.rate)
      for (voice, note) in Self.chords[scene % Self.chords.count].enumerated() {
        pad(&mix, at: start, note: note, voice: voice)
      }
      bell(&mix, at: start + 0.1, note: Self.bells[scene % Self.bells.count])
    }
    wind(&mix)
    master(&mix)
    return mix
  }

  private func frequency(_ note: Int) -> Double { 110 * pow(2, Double(note) / 12) }

  /// A note that swells and fades, its two channels a little out of tune.
  private func pad(_ mix: inout [Float], at start: Double, note: Int, voice: Int) {
    let length = Double(plan.spacing) / Double(plan.rate) + 1.4
    let base = frequency(note)
    for i in range(&mix, start - 0.5, length) {
      let t = Double(i) / Double(Self.rate) - start + 0.5
      let swell = sin(.pi * t / length)
      let level = 0.055 * swell * swell * (1 + 0.15 * sin(2 * .pi * 0.7 * t + Double(voice)))
      for side in 0..<2 {
        let phase = 2 * .pi * base * (side == 0 ? 0.9985 : 1.0015) * t
        mix[2 * i + side] += Float(level * (sin(phase) + 0.30 * sin(2 * phase) + 0.08 * sin(3 * phase)))
      }
    }
  }

  /// A struck bar: partials that die away, the higher the sooner.
  private func bell(_ mix: inout [Float], at start: Double, note: Int) {
    let base = frequency(note)
    for i in range(&mix, start, 2.5) {
      let t = Double(i) / Double(Self.rate) - start
      let attack = min(t / 0.006, 1)
      var value = 0.0
      for (ratio, level, decay) in [(1.0, 0.06, 2.2), (2.76, 0.018, 4.5), (5.40, 0.006, 8.0)] {
        value += level * exp(-decay * t) * sin(2 * .pi * base * ratio * t)
      }
      mix[2 * i] += Float(value * attack * 0.8)
      mix[2 * i + 1] += Float(value * attack)
    }
  }

  /// Noise from a fixed seed through a low-pass that opens and closes slowly.
  private func wind(_ mix: inout [Float]) {
    var state: UInt64 = 0x5EED
    var low = [0.0, 0.0]
    for i in 0..<mix.count / 2 {
      let t = Double(i) / Double(Self.rate)
      let opening = 0.012 + 0.008 * sin(2 * .pi * t / 5.6)
      for side in 0..<2 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let white = Double(Int64(bitPattern: state) >> 32) / 2_147_483_648
        low[side] += opening * (white - low[side])
        mix[2 * i + side] += Float(0.09 * low[side])
      }
    }
  }

  /// Fades the ends, and bends what is loud.
  private func master(_ mix: inout [Float]) {
    let count = mix.count / 2
    for i in 0..<count {
      let t = Double(i) / Double(Self.rate)
      let level = Float(min(1, t / 0.6, (plan.seconds - t) / 1.2))
      for side in 0..<2 { mix[2 * i + side] = tanh(mix[2 * i + side] * level * 1.6) }
    }
  }

  private func range(_ mix: inout [Float], _ start: Double, _ length: Double) -> Range<Int> {
    let first = max(0, Int(start * Double(Self.rate)))
    return first..<max(first, min(mix.count / 2, Int((start + length) * Double(Self.rate))))
  }

  /// A WAV file: 16 bits, two channels.
  func wav() -> Data {
    let values = samples().map { Int16($0 * 32_000) }
    var data = Data()
    func put<T: FixedWidthInteger>(_ value: T) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    let bytes = UInt32(values.count * 2)
    data.append(contentsOf: Array("RIFF".utf8))
    put(bytes + 36)
    data.append(contentsOf: Array("WAVEfmt ".utf8))
    put(UInt32(16))
    put(UInt16(1))
    put(UInt16(2))
    put(UInt32(Self.rate))
    put(UInt32(Self.rate * 4))
    put(UInt16(4))
    put(UInt16(16))
    data.append(contentsOf: Array("data".utf8))
    put(bytes)
    values.forEach { put($0) }
    return data
  }
}
