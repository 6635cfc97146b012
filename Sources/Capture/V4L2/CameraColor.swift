import CLinux
import Frames

extension ColorDescription {
  /// What a driver says of its samples, in the code points of ITU-T H.273, with the kernel's defaults where it says nothing
  /// (https://docs.kernel.org/userspace-api/media/v4l/colorspaces-defs.html).
  init(_ format: fovea_camera_format, isRGB: Bool) {
    let isFull =
      format.quantization == V4L2_QUANTIZATION_DEFAULT.rawValue
      ? isRGB || format.colorspace == V4L2_COLORSPACE_JPEG.rawValue
      : format.quantization == V4L2_QUANTIZATION_FULL_RANGE.rawValue
    self.init(
      range: isFull ? .full : .limited, matrix: isRGB ? 0 : Self.matrix(format),
      primaries: Self.primaries[format.colorspace] ?? 2, transfer: Self.transfer(format))
  }

  private static func matrix(_ format: fovea_camera_format) -> Int {
    if let named = matrices[format.encoding] { return named }
    switch format.colorspace {
    case V4L2_COLORSPACE_REC709.rawValue, V4L2_COLORSPACE_DCI_P3.rawValue: return 1
    case V4L2_COLORSPACE_BT2020.rawValue: return 9
    case V4L2_COLORSPACE_SMPTE240M.rawValue: return 7
    default: return 6
    }
  }

  private static let matrices: [UInt32: Int] = [
    V4L2_YCBCR_ENC_601.rawValue: 6, V4L2_YCBCR_ENC_709.rawValue: 1, V4L2_YCBCR_ENC_XV601.rawValue: 6,
    V4L2_YCBCR_ENC_XV709.rawValue: 1, V4L2_YCBCR_ENC_SYCC.rawValue: 6, V4L2_YCBCR_ENC_BT2020.rawValue: 9,
    V4L2_YCBCR_ENC_BT2020_CONST_LUM.rawValue: 10, V4L2_YCBCR_ENC_SMPTE240M.rawValue: 7,
  ]

  private static let primaries: [UInt32: Int] = [
    V4L2_COLORSPACE_SMPTE170M.rawValue: 6, V4L2_COLORSPACE_SMPTE240M.rawValue: 7, V4L2_COLORSPACE_REC709.rawValue: 1,
    V4L2_COLORSPACE_470_SYSTEM_M.rawValue: 4, V4L2_COLORSPACE_470_SYSTEM_BG.rawValue: 5,
    V4L2_COLORSPACE_JPEG.rawValue: 1, V4L2_COLORSPACE_SRGB.rawValue: 1, V4L2_COLORSPACE_BT2020.rawValue: 9,
    V4L2_COLORSPACE_DCI_P3.rawValue: 11,
  ]

  private static func transfer(_ format: fovea_camera_format) -> Int {
    if let named = transfers[format.transfer] { return named }
    switch format.colorspace {
    case V4L2_COLORSPACE_SRGB.rawValue, V4L2_COLORSPACE_JPEG.rawValue: return 13
    case V4L2_COLORSPACE_SMPTE240M.rawValue: return 7
    case V4L2_COLORSPACE_SMPTE170M.rawValue, V4L2_COLORSPACE_REC709.rawValue, V4L2_COLORSPACE_BT2020.rawValue: return 1
    default: return 2
    }
  }

  private static let transfers: [UInt32: Int] = [
    V4L2_XFER_FUNC_709.rawValue: 1, V4L2_XFER_FUNC_SRGB.rawValue: 13, V4L2_XFER_FUNC_SMPTE240M.rawValue: 7,
    V4L2_XFER_FUNC_NONE.rawValue: 8, V4L2_XFER_FUNC_SMPTE2084.rawValue: 16,
  ]
}

extension FieldOrder {
  /// A V4L2_FIELD_*: anything that holds two fields line by line is interlaced.
  init(cameraField field: UInt32, rows: UInt32) {
    switch field {
    case V4L2_FIELD_INTERLACED_TB.rawValue: self = .topFirst
    case V4L2_FIELD_INTERLACED_BT.rawValue: self = .bottomFirst
    // Which field comes first depends on the television standard: the bottom one with 525 lines.
    case V4L2_FIELD_INTERLACED.rawValue: self = rows == 480 ? .bottomFirst : .topFirst
    default: self = .progressive
    }
  }
}
