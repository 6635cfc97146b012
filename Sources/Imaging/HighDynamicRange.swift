import Foundation

/// How colours of sRGB are written into pictures of high dynamic range: white is the reference white of 203 cd/m² that
/// ITU-R BT.2408 gives for graphics, which is 58 % of the signal in PQ and 75 % in HLG. Written as they are, colours would be as
/// bright as the display can be (PQ: 10,000 cd/m²).
enum HighDynamicRange {
  case pq, hlg

  /// By TransferCharacteristics of ITU-T H.273; nil for those of ordinary pictures.
  init?(transfer: Int) {
    switch transfer {
    case 16: self = .pq
    case 18: self = .hlg
    default: return nil
    }
  }

  static let referenceWhite = 203.0

  /// R'G'B' 0…255 of a picture with these primaries (H.273: 9 is BT.2020).
  func encode(_ color: Color, primaries: Int) -> [Double] {
    var light = [color.red, color.green, color.blue].map { Self.linear(Double($0) / 255) }
    if primaries == 9 { light = Self.toBT2020.map { row in zip(row, light).reduce(0) { $0 + $1.0 * $1.1 } } }
    switch self {
    case .pq: return light.map { 255 * Self.pq($0 * Self.referenceWhite / 10_000) }
    case .hlg:
      let shown = light.map { $0 * Self.referenceWhite / 1000 }
      // BT.2100, table 5: the scene's light is the display's with the system gamma of 1.2 taken back, by luminance.
      let luminance = max(0.2627 * shown[0] + 0.6780 * shown[1] + 0.0593 * shown[2], 1e-9)
      let gain = pow(luminance, 1 / 1.2 - 1)
      return shown.map { 255 * Self.hlg($0 * gain) }
    }
  }

  /// IEC 61966-2-1: light of an sRGB signal.
  private static func linear(_ signal: Double) -> Double {
    signal <= 0.04045 ? signal / 12.92 : pow((signal + 0.055) / 1.055, 2.4)
  }

  /// SMPTE ST 2084 (BT.2100, table 4): the signal for light in units of 10,000 cd/m².
  private static func pq(_ light: Double) -> Double {
    let power = pow(max(light, 0), 2610.0 / 16384)
    return pow((3424.0 / 4096 + 2413.0 / 128 * power) / (1 + 2392.0 / 128 * power), 2523.0 / 32)
  }

  /// BT.2100, table 5: the signal for the scene's light.
  private static func hlg(_ light: Double) -> Double {
    let light = min(max(light, 0), 1)
    return light <= 1.0 / 12 ? (3 * light).squareRoot() : 0.17883277 * log(12 * light - 0.28466892) + 0.55991073
  }

  /// ITU-R BT.2087: light of BT.709's primaries as light of BT.2020's.
  private static let toBT2020 = [
    [0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956],
  ]
}
