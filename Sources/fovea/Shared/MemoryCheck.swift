import Frames
import Telemetry

/// Whether what the shell allows is enough for the pictures of a job. The numbers are measured: see `FrameFlow` for how many frames are
/// under way; x264 holds back up to 60 and keeps them in two sizes.
enum MemoryCheck {
  static func check(_ format: FrameFormat, encodes: Bool) throws {
    let threads = 128 << 20
    let frames = encodes ? 90 : 16
    let pixel = format.pixelFormat
    let picture = (0..<pixel.planeCount).reduce(0) {
      $0 + pixel.rowBytes(ofPlane: $1, width: format.width) * pixel.rows(ofPlane: $1, height: format.height)
    }
    try AddressSpace.require(threads + frames * picture, "for pictures of \(format.width)x\(format.height)")
  }
}
