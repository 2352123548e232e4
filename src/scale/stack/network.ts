import { attributeOf, ref, when } from './functions.ts';

const own = (Type: string, Properties: object) => ({ Type, Condition: 'OwnNetwork', Properties });

/** A network for workers where none is named: two public subnets, which cost nothing while nobody drives. */
export function networkResources(): Record<string, object> {
  const subnet = (zone: number) =>
    own('AWS::EC2::Subnet', {
      VpcId: ref('Network'),
      CidrBlock: `10.0.${zone * 16}.0/20`,
      AvailabilityZone: { 'Fn::Select': [zone, { 'Fn::GetAZs': '' }] },
    });
  const routed = (name: string) =>
    own('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: ref(name), RouteTableId: ref('Routes') });
  const out = (port: number) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: '0.0.0.0/0' });
  return {
    Network: own('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16', EnableDnsHostnames: true }),
    Gateway: own('AWS::EC2::InternetGateway', {}),
    GatewayAttachment: own('AWS::EC2::VPCGatewayAttachment', {
      ...{ VpcId: ref('Network'), InternetGatewayId: ref('Gateway') },
    }),
    Routes: own('AWS::EC2::RouteTable', { VpcId: ref('Network') }),
    RouteOut: {
      ...own('AWS::EC2::Route', {
        ...{ RouteTableId: ref('Routes'), DestinationCidrBlock: '0.0.0.0/0', GatewayId: ref('Gateway') },
      }),
      DependsOn: 'GatewayAttachment',
    },
    SubnetA: subnet(0),
    SubnetB: subnet(1),
    RoutesOfSubnetA: routed('SubnetA'),
    RoutesOfSubnetB: routed('SubnetB'),
    SecurityGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        GroupDescription: 'Workers of CMS Enablement; nothing comes in',
        VpcId: when('OwnNetwork', ref('Network'), ref('VpcId')),
        SecurityGroupEgress: [out(443), out(8883)],
      },
    },
  };
}

export const SUBNETS = when('OwnNetwork', [ref('SubnetA'), ref('SubnetB')], {
  'Fn::Split': [',', ref('SubnetIds')],
});

export const SECURITY_GROUP = attributeOf('SecurityGroup', 'GroupId');
