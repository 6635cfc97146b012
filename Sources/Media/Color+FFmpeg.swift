import CFFmpeg
import Frames

extension Rational {
  package init(_ value: AVRational) { self.init(Int(value.num), Int(value.den)) }

  /// As FFmpeg's fraction, reduced until both numbers fit.
  package var ffmpeg: AVRational {
    var (num, den) = (Int32(0), Int32(0))
    av_reduce(&num, &den, Int64(numerator), Int64(denominator), Int64(Int32.max))
    return AVRational(num: num, den: den)
  }
}

extension ColorDescription.Range {
  package init(_ range: AVColorRange) {
    switch range {
    case AVCOL_RANGE_MPEG: self = .limited
    case AVCOL_RANGE_JPEG: self = .full
    default: self = .unspecified
    }
  }

  package var ffmpeg: AVColorRange {
    switch self {
    case .unspecified: AVCOL_RANGE_UNSPECIFIED
    case .limited: AVCOL_RANGE_MPEG
    case .full: AVCOL_RANGE_JPEG
    }
  }
}

extension ColorDescription {
  /// What a decoded frame says of its samples. FFmpeg numbers matrix, primaries and transfer as H.273 does.
  package init(_ frame: AVFrame) {
    let impliesFull = AVPixelFormat(frame.format).impliesFullRange
    self.init(
      range: impliesFull ? .full : Range(frame.color_range), matrix: Int(frame.colorspace.rawValue),
      primaries: Int(frame.color_primaries.rawValue), transfer: Int(frame.color_trc.rawValue),
      chromaLocation: Int(frame.chroma_location.rawValue))
  }

  /// Sets the colour fields of a frame.
  package func apply(to frame: inout AVFrame) {
    frame.color_range = range.ffmpeg
    frame.colorspace = AVColorSpace(UInt32(clamping: matrix))
    frame.color_primaries = AVColorPrimaries(UInt32(clamping: primaries))
    frame.color_trc = AVColorTransferCharacteristic(UInt32(clamping: transfer))
    frame.chroma_location = AVChromaLocation(UInt32(clamping: chromaLocation))
  }

  /// Sets the colour fields of an encoder.
  package func apply(to codec: inout AVCodecContext) {
    codec.color_range = range.ffmpeg
    codec.colorspace = AVColorSpace(UInt32(clamping: matrix))
    codec.color_primaries = AVColorPrimaries(UInt32(clamping: primaries))
    codec.color_trc = AVColorTransferCharacteristic(UInt32(clamping: transfer))
    codec.chroma_sample_location = AVChromaLocation(UInt32(clamping: chromaLocation))
  }
}

extension FieldOrder {
  /// What a decoded frame says of its rows.
  package init(_ frame: AVFrame) {
    self = withUnsafePointer(to: frame) {
      guard fovea_frame_is_interlaced($0) != 0 else { return .progressive }
      return fovea_frame_is_top_field_first($0) != 0 ? .topFirst : .bottomFirst
    }
  }
}
