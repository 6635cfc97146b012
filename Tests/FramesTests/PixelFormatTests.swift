import Frames
import Testing

@Suite struct PixelFormatTests {
  @Test func chromaRoundsUp() {
    #expect(PixelFormat.yuv420p.rowBytes(ofPlane: 1, width: 161) == 81)
    #expect(PixelFormat.yuv420p.rows(ofPlane: 2, height: 121) == 61)
    #expect(PixelFormat.yuv422p.rows(ofPlane: 1, height: 121) == 121)
    #expect(PixelFormat.rgb24.rowBytes(ofPlane: 0, width: 5) == 15)
    #expect(PixelFormat.gray.planeCount == 1)
  }

  @Test func allocatedPlanesDoNotOverlap() {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 161, height: 121)
    let frame = Frame.allocated(format)
    for plane in 0..<3 {
      let (base, stride) = frame.planes[plane]
      let rows = format.pixelFormat.rows(ofPlane: plane, height: format.height)
      memset(base, plane + 1, stride: stride, rows: rows)
    }
    for plane in 0..<3 {
      let (base, stride) = frame.planes[plane]
      let rows = format.pixelFormat.rows(ofPlane: plane, height: format.height)
      for offset in 0..<(stride * rows) {
        #expect(base!.load(fromByteOffset: offset, as: UInt8.self) == UInt8(plane + 1))
      }
    }
  }

  private func memset(_ base: UnsafeMutableRawPointer?, _ value: Int, stride: Int, rows: Int) {
    base!.initializeMemory(as: UInt8.self, repeating: UInt8(value), count: stride * rows)
  }
}
