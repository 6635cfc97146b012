import CFFmpeg
import Media

/// The light levels of HDR10 as libx265 wants them, which FFmpeg before 7.1 does not tell it.
enum LightLevels {
  /// Parameters for `x265-params`, joined by colons; nil where the video has none. Chromaticities are in units of 0.00002, luminances
  /// of 0.0001 cd/m² (SMPTE ST 2086 as HEVC has it, D.2.28).
  static func x265(_ sideData: [StreamSideData]) -> String? {
    let parts = [mastering(sideData), content(sideData)].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ":")
  }

  private static func mastering(_ sideData: [StreamSideData]) -> String? {
    guard let display = sideData.load(AV_PKT_DATA_MASTERING_DISPLAY_METADATA, as: AVMasteringDisplayMetadata.self),
      display.has_primaries != 0, display.has_luminance != 0
    else { return nil }
    func units(_ value: AVRational, _ scale: Double) -> Int {
      value.den == 0 ? 0 : Int((min(max(Double(value.num) / Double(value.den), 0), 1e5) * scale).rounded())
    }
    func point(_ value: (AVRational, AVRational)) -> String { "(\(units(value.0, 50_000)),\(units(value.1, 50_000)))" }
    let (red, green, blue) = display.display_primaries
    return "master-display=G\(point(green))B\(point(blue))R\(point(red))WP\(point(display.white_point))"
      + "L(\(units(display.max_luminance, 10_000)),\(units(display.min_luminance, 10_000)))"
  }

  private static func content(_ sideData: [StreamSideData]) -> String? {
    guard let light = sideData.load(AV_PKT_DATA_CONTENT_LIGHT_LEVEL, as: AVContentLightMetadata.self) else {
      return nil
    }
    return "max-cll=\(min(light.MaxCLL, 65535)),\(min(light.MaxFALL, 65535))"
  }
}

extension [StreamSideData] {
  /// FFmpeg's structure of this kind; nil where there is none, or one that is too short.
  fileprivate func load<T: BitwiseCopyable>(_ kind: AVPacketSideDataType, as type: T.Type) -> T? {
    first { $0.kind == kind }.flatMap { data in
      data.bytes.withUnsafeBytes { $0.count >= MemoryLayout<T>.size ? $0.loadUnaligned(as: type) : nil }
    }
  }
}
