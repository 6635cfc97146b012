import CKernels
import Testing

@testable import Inference

@Suite struct ConvolutionAlgorithmTests {
  private func params(
    _ channels: Int32, _ outChannels: Int32, size: Int32, kernel: Int32 = 3, stride: Int32 = 1, groups: Int32 = 1
  ) -> fovea_conv_params {
    var p = fovea_conv_params()
    (p.algorithm, p.batch, p.groups) = (FOVEA_CONV_BLOCKED, 1, groups)
    (p.in_channels, p.out_channels) = (channels, outChannels)
    (p.in_height, p.in_width) = (size, size)
    (p.out_height, p.out_width) = ((size - 1) / stride + 1, (size - 1) / stride + 1)
    (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (kernel, kernel, stride, stride)
    (p.dilation_height, p.dilation_width, p.pad_top, p.pad_left) = (1, 1, kernel / 2, kernel / 2)
    return p
  }

  private func expected(_ p: fovea_conv_params, _ isa: ISA = .avx512, lean: Bool = false) -> fovea_conv_algorithm {
    ConvolutionAlgorithm(params: p, isa: isa, lean: lean).expected
  }

  @Test func takesTheFormThatMeasuresBest() {
    #expect(expected(params(64, 64, size: 224)) == FOVEA_CONV_WINOGRAD_4_3)
    #expect(expected(params(512, 512, size: 28)) == FOVEA_CONV_WINOGRAD_4_3)
    #expect(expected(params(16, 64, size: 55)) == FOVEA_CONV_WINOGRAD_4_3)
    #expect(expected(params(512, 512, size: 7)) == FOVEA_CONV_WINOGRAD_2_3)
    #expect(expected(params(48, 128, size: 7)) == FOVEA_CONV_WINOGRAD_4_3, "the last tiles make fewer products")
    #expect(expected(params(32, 96, size: 28, kernel: 5)) == FOVEA_CONV_WINOGRAD_4_5)
    #expect(expected(params(64, 12, size: 112, kernel: 4)) == FOVEA_CONV_WINOGRAD_3_4)
    #expect(expected(params(3, 64, size: 224, kernel: 7, stride: 2)) == FOVEA_CONV_WINOGRAD_PHASES)
    #expect(expected(params(3, 64, size: 224, kernel: 11, stride: 4)) == FOVEA_CONV_WINOGRAD_PHASES)
    #expect(expected(params(64, 128, size: 56, stride: 2)) == FOVEA_CONV_WINOGRAD_4_3_2)
    #expect(expected(params(128, 256, size: 28, stride: 2)) == FOVEA_CONV_WINOGRAD_3_3_2)
  }

  @Test func staysDirectWhereWinogradCannotOrNeedNot() {
    #expect(expected(params(64, 64, size: 56, stride: 3)) == FOVEA_CONV_BLOCKED)
    #expect(expected(params(256, 512, size: 14, stride: 2)) == FOVEA_CONV_BLOCKED)
    #expect(expected(params(64, 64, size: 56, kernel: 1)) == FOVEA_CONV_BLOCKED)
    #expect(expected(params(64, 64, size: 56, groups: 2)) == FOVEA_CONV_BLOCKED)
    #expect(expected(params(64, 64, size: 2)) == FOVEA_CONV_BLOCKED)
    #expect(expected(params(64, 64, size: 56), .scalar) == FOVEA_CONV_BLOCKED)
    #expect(expected(params(3, 64, size: 224)) == FOVEA_CONV_PLANAR)
    #expect(expected(params(3, 64, size: 224, kernel: 7)) == FOVEA_CONV_PLANAR)
    #expect(expected(params(3, 64, size: 224, kernel: 7, stride: 2), .scalar) == FOVEA_CONV_PLANAR)
    #expect(expected(params(64, 64, size: 56, groups: 64)) == FOVEA_CONV_DEPTHWISE)
  }

  @Test func leanKeepsLargeWeightsDirect() {
    #expect(expected(params(512, 512, size: 28), lean: true) == FOVEA_CONV_BLOCKED)
    #expect(expected(params(64, 64, size: 224), lean: true) == FOVEA_CONV_WINOGRAD_4_3)
  }

  @Test func namesTheForm() {
    var p = params(64, 64, size: 224)
    p.algorithm = FOVEA_CONV_WINOGRAD_4_3
    #expect(ConvolutionAlgorithm.name(p, isa: .avx2) == "Winograd F(4x4,3x3), avx2")
    p = params(3, 64, size: 224, kernel: 7, stride: 2)
    p.algorithm = FOVEA_CONV_WINOGRAD_PHASES
    #expect(ConvolutionAlgorithm.name(p, isa: .avx2) == "7x7 as phases, F(3x3,4x4), avx2")
    p = params(64, 128, size: 56, stride: 2)
    p.algorithm = FOVEA_CONV_WINOGRAD_4_3_2
    #expect(ConvolutionAlgorithm.name(p, isa: .avx2) == "Winograd F(4x4,3x3) by 2, avx2")
    p = params(64, 64, size: 224)
    #expect(ConvolutionAlgorithm.name(p, isa: .avx2) == "direct 3x3, avx2")
  }
}
