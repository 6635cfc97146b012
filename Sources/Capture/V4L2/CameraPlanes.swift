import CLinux
import Media
import Frames

/// Where the planes of a picture lie in a driver's memory.
///
/// In formats with one memory plane the planes follow one another without a gap, and chroma rows are as many bytes apart
/// as the luma's distance says, scaled by the samples in a row
/// (https://docs.kernel.org/userspace-api/media/v4l/pixfmt-yuv-planar.html).
struct CameraPlanes {
  /// One plane of the picture.
  struct Plane: Hashable {
    var memory: Int, offset: Int, stride: Int, rows: Int
    /// Bytes of the last row, which may be shorter than the stride.
    var rowBytes: Int

    /// The first byte after the plane.
    var end: Int { offset + stride * (rows - 1) + rowBytes }
  }

  /// In the order of the pixel format.
  let planes: [Plane]

  /// The layout of a settled format; nil when the driver's row distances are impossible.
  init?(_ settled: fovea_camera_format, _ format: CameraPixelFormat, _ pixels: PixelFormat) {
    let (width, height) = (Int(settled.width), Int(settled.height))
    let strides = withUnsafeBytes(of: settled.stride) { Array($0.bindMemory(to: UInt32.self)) }.map { Int($0) }
    var (planes, offset): ([Plane], Int) = ([], 0)
    // The order in memory: V before U where chroma is swapped.
    let order = format.swapsChroma && pixels.planeCount == 3 ? [0, 2, 1] : Array(0..<pixels.planeCount)
    for (position, plane) in order.enumerated() {
      let rowBytes = pixels.rowBytes(ofPlane: plane, width: width)
      let given = strides[format.isSplit ? position : 0]
      var stride = given == 0 ? rowBytes : given
      if !format.isSplit, given > 0, plane > 0 {
        stride = given * pixels.rowBytes(ofPlane: plane, width: 64) / pixels.rowBytes(ofPlane: 0, width: 64)
      }
      guard stride >= rowBytes, stride <= 1 << 24 else { return nil }
      let rows = pixels.rows(ofPlane: plane, height: height)
      planes.append(
        Plane(
          memory: format.isSplit ? position : 0, offset: format.isSplit ? 0 : offset, stride: stride, rows: rows,
          rowBytes: rowBytes))
      offset += stride * rows
    }
    if order != Array(order.indices) { planes.swapAt(1, 2) }
    self.planes = planes
  }

  /// True when a buffer holds the whole picture.
  func fits(_ raw: fovea_camera_buffer, in buffer: CameraBuffer) -> Bool {
    planes.allSatisfy { plane in
      guard plane.memory < buffer.memory.count else { return false }
      let (start, used) = (raw.start(plane.memory), raw.used(plane.memory))
      return used <= buffer.memory[plane.memory].count && start + plane.end <= used
    }
  }

  /// Points a frame's planes at a buffer that `fits`.
  func show(_ raw: fovea_camera_buffer, in buffer: CameraBuffer, by frame: Frame) {
    for (index, plane) in planes.enumerated() {
      guard let base = buffer.memory[plane.memory].baseAddress else { continue }
      frame.planes[index] = (base + raw.start(plane.memory) + plane.offset, plane.stride)
    }
  }
}

extension CameraPixelFormat {
  /// V lies before U.
  var swapsChroma: Bool {
    if case .samples(_, true) = content { return true }
    return false
  }
}
